using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using MasterController.Core.HostNetwork;
using MasterController.Linux;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Linux.Taps;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// The kernel objects of attachments, made by a bare loop of system calls: one thread, one call after the other,
/// nothing kept, nothing checked but that each succeeded. The requests to netlink are the controller's own,
/// each sent and answered by itself.
/// </summary>
internal sealed class BareNetwork : IDisposable
{
    private const nuint TUNSETIFF = 0x400454ca; // linux/if_tun.h
    private const nuint TUNSETPERSIST = 0x400454cb;
    private const nuint TUNSETOWNER = 0x400454cc;
    private const short Flags = 0x0002 | 0x1000 | 0x4000; // IFF_TAP, IFF_NO_PI, IFF_VNET_HDR

    private static readonly byte[] _one = "1"u8.ToArray();
    private static readonly byte[] _zero = "0"u8.ToArray();

    private readonly SafeFileHandle _control;
    private readonly NetlinkSocket _netlink;
    private readonly NetlinkBatch _request = new();
    private int _count;
    private readonly bool _hasIpv6 = Directory.Exists("/proc/sys/net/ipv6");

    /// <summary>In the calling thread's namespace.</summary>
    public BareNetwork()
    {
        _control = Tap.OpenControlSocket();
        _netlink = NetlinkSocket.Open();
    }

    /// <summary>What is there once for all: an empty namespace has none of it.</summary>
    public IReadOnlyList<TimeSpan> MakeGateway()
    {
        var began = Stopwatch.GetTimestamp();
        _request.Clear();
        _request.LinkUp(1);
        _request.AddressAdd(1, Places.Gateway, HostNetworkMarks.AddressLabel);
        _netlink.ExecuteAll("the loopback interface", _request);
        File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
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
    /// <c>ip tuntap add; sysctl; ip link set; ip link set up; ip route add; ip neighbour add</c>, without the processes.
    /// </summary>
    private void Attach(Ipv4Address address)
    {
        var place = Places.At(address);
        var name = place.TapName;
        using (var device = Libc.open("/dev/net/tun", Libc.O_RDWR | Libc.O_CLOEXEC))
        {
            var request = new InterfaceRequest(name) { Flags = Flags };
            Check(Libc.ioctl(device, TUNSETIFF, ref request), name);
            Check(Libc.ioctl(device, TUNSETOWNER, place.OwnerUid), name);
            Check(Libc.ioctl(device, TUNSETPERSIST, 1), name);
        }
        var index = Tap.IndexOf(_control, name);
        if (_hasIpv6)
            Write($"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", _one);
        Write($"/proc/sys/net/ipv4/neigh/{name}/proxy_delay", _zero);
        _request.Clear();
        _request.LinkConfigure(index, HostNetworkMarks.RouterMac, HostNetworkMarks.LinkGroup, new(true, true, 1));
        Ask();
        _request.LinkUp(index);
        Ask();
        _request.RouteReplace(new(address, 32), index, Places.Gateway, HostNetworkMarks.RouteProtocol);
        Ask();
        _request.NeighbourReplace(index, address, place.Mac);
        Ask();
    }

    /// <summary><c>ip link delete</c>, and the route before it, without which the kernel searches all of them.</summary>
    private void Detach(Ipv4Address address)
    {
        var index = Tap.IndexOf(_control, Places.At(address).TapName);
        _request.Clear();
        _request.RouteDelete(new(address, 32), index, HostNetworkMarks.RouteProtocol);
        Ask();
        _request.LinkDelete(index);
        Ask();
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
            writer.BeginMessage(type, Nl.Request | Nl.Dump, _netlink.NextSequence());
            writer.Byte(type == Rt.RTM_GETLINK ? (byte)0 : (byte)Libc.AF_INET);
            for (var i = 1; i < body; i++)
                writer.Byte(0);
            if (type == Rt.RTM_GETLINK)
                writer.Attribute(Rt.IFLA_EXT_MASK, Rt.RTEXT_FILTER_SKIP_STATS);
            writer.EndMessage();
            _netlink.Dump(writer, _ => messages++);
        }
        var took = Stopwatch.GetElapsedTime(began);
        return messages > 0 ? took : throw new InvalidOperationException("the kernel has told nothing");
    }

    public void Dispose()
    {
        _netlink.Dispose();
        _control.Dispose();
    }

    private static readonly (ushort Type, int Body)[] _dumps =
    [
        (Rt.RTM_GETLINK, Rt.LinkBody),
        (Rt.RTM_GETADDR, Rt.AddressBody),
        (Rt.RTM_GETROUTE, Rt.RouteBody),
        (Rt.RTM_GETNEIGH, Rt.NeighbourBody),
    ];

    private void Ask()
    {
        _request.StampSequence(_netlink.NextSequence());
        _netlink.Send(_request.Slice(0, 1));
        // struct nlmsgerr behind the header: 0 for success.
        var answer = _netlink.Receive();
        if (MemoryMarshal.Read<int>(answer[Nl.HeaderLength..]) is not 0 and var error)
            throw new InvalidOperationException($"netlink: {Errno.Describe(-error)}");
        _request.Clear();
    }

    private static void Write(string path, byte[] text)
    {
        using var file = Libc.open(path, Libc.O_WRONLY | Libc.O_CLOEXEC);
        if (file.IsInvalid)
            Check(-1, path);
        RandomAccess.Write(file, text, 0);
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
            throw new InvalidOperationException($"{what}: {Errno.Describe(Marshal.GetLastPInvokeError())}");
    }
}
