using System.Diagnostics;
using MasterController.Core.HostNetwork;
using MasterController.Linux;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// The kernel objects of attachments, made by a bare loop of system calls: one thread, one call after the other,
/// nothing kept, nothing checked but that each succeeded. The requests to netlink are the controller's own,
/// each sent and answered by itself.
/// </summary>
internal sealed class BareNetwork : IDisposable
{
    private static readonly (ushort Type, int Body)[] _dumps =
    [
        (Rt.RTM_GETLINK, Rt.LinkBody),
        (Rt.RTM_GETADDR, Rt.AddressBody),
        (Rt.RTM_GETROUTE, Rt.RouteBody),
        (Rt.RTM_GETNEIGH, Rt.NeighbourBody),
    ];

    // A number is all that a guest's element holds.
    private const uint Policy = 1;

    private readonly BareCalls _calls = new();
    private int _count;

    /// <summary>What is there once for all: an empty namespace has none of it.</summary>
    public IReadOnlyList<TimeSpan> MakeGateway()
    {
        var began = Stopwatch.GetTimestamp();
        _calls.Ask(request => request.LinkUp(1));
        _calls.Ask(request => request.AddressAdd(1, Places.Gateway, HostNetworkMarks.AddressLabel));
        BareCalls.Write("/proc/sys/net/ipv4/ip_forward", "1"u8);
        using (var nftables = NftablesContext.Open())
            nftables.Run(FirewallRuleset.Text);
        return [Stopwatch.GetElapsedTime(began)];
    }

    /// <summary>Attaches until there are so many. Says what passed at each thousand, from the beginning.</summary>
    public IReadOnlyList<TimeSpan> AttachTo(int count)
    {
        var marks = new List<TimeSpan>();
        var began = Stopwatch.GetTimestamp();
        while (_count < count)
        {
            Attach(Places.Address(_count));
            if (++_count % 1000 == 0 || _count == count)
                marks.Add(Stopwatch.GetElapsedTime(began));
        }
        return marks;
    }

    /// <summary>One comes and goes, so many times: what both took, in turns.</summary>
    /// <param name="number">That of its place.</param>
    public IReadOnlyList<TimeSpan> Pairs(int number, int runs)
    {
        var times = new List<TimeSpan>(2 * runs);
        for (var i = 0; i < runs; i++)
        {
            var began = Stopwatch.GetTimestamp();
            Attach(Places.Address(number));
            times.Add(Stopwatch.GetElapsedTime(began));
            began = Stopwatch.GetTimestamp();
            Detach(Places.Address(number));
            times.Add(Stopwatch.GetElapsedTime(began));
        }
        return times;
    }

    /// <summary>
    /// <c>ip tuntap add; sysctl; ip link set; nft add element; ip link set up; ip route add; ip neighbour add</c>, without
    /// the processes.
    /// </summary>
    private void Attach(Ipv4Address address)
    {
        var place = Places.At(address);
        var name = place.TapName;
        using (var device = BareCalls.CreateTap(name))
        {
            BareCalls.SetOwner(device, place.OwnerUid);
            BareCalls.Persist(device);
        }
        var index = _calls.IndexOf(name);
        _calls.Configure(name, index);
        _calls.AddPolicy(place, Policy);
        _calls.Lead(place, index);
    }

    /// <summary><c>ip link delete</c>, and the route before it, without which the kernel searches all of them.</summary>
    private void Detach(Ipv4Address address)
    {
        var place = Places.At(address);
        var index = _calls.IndexOf(place.TapName);
        _calls.Ask(request => request.RouteDelete(new Ipv4Network(address, 32), index, HostNetworkMarks.RouteProtocol));
        _calls.Ask(request => request.LinkDelete(index));
        _calls.RemovePolicy(place);
    }

    /// <summary>
    /// One dump each of links, addresses, routes and neighbours, received and counted and not looked into: what reading the
    /// kernel costs whoever does it.
    /// </summary>
    public TimeSpan Dump()
    {
        var began = Stopwatch.GetTimestamp();
        var messages = 0;
        Span<byte> buffer = stackalloc byte[64];
        foreach (var (type, body) in _dumps)
        {
            var writer = new NetlinkWriter(buffer);
            writer.BeginMessage(type, Nl.Request | Nl.Dump, _calls.Netlink.NextSequence());
            writer.Byte(type == Rt.RTM_GETLINK ? (byte)0 : (byte)Libc.AF_INET);
            for (var i = 1; i < body; i++)
                writer.Byte(0);
            if (type == Rt.RTM_GETLINK)
                writer.Attribute(Rt.IFLA_EXT_MASK, Rt.RTEXT_FILTER_SKIP_STATS);
            writer.EndMessage();
            _calls.Netlink.Dump(writer, _ => messages++);
        }
        var took = Stopwatch.GetElapsedTime(began);
        return messages > 0 ? took : throw new InvalidOperationException("the kernel has told nothing");
    }

    public void Dispose() => _calls.Dispose();
}
