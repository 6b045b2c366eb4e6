using System.Diagnostics;
using MasterController.Bench.Subjects.Networks;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Bench.Subjects.External;

/// <summary>
/// The kernel objects of VMs that are reached from outside, made by a bare loop of system calls: one thread, one call after
/// the other, nothing kept, nothing checked but that each succeeded.
/// </summary>
internal static class BareReached
{
    private const byte Tcp = 6; // IPPROTO_TCP, linux/in.h

    /// <summary>In a namespace of its own, which is gone when this ends; what each VM took.</summary>
    public static async Task<IReadOnlyList<TimeSpan>> AttachAllAsync(int count)
    {
        var (space, far) = ReachedHost.MakeSpace();
        var cable = Cable.Into(space);
        var times = space.Run(() => AttachAll(count));
        space.Dispose();
        far.Dispose();
        // The kernel holds up whoever changes interfaces while it removes so many.
        await cable.TimeRemovalAsync();
        return times;
    }

    private static List<TimeSpan> AttachAll(int count)
    {
        using var calls = new BareCalls();
        using var table = NftTable.Open(HostNetworkMarks.FirewallTable);
        var uplink = calls.IndexOf(ReachedHost.Uplink);
        MakeHost(calls);
        var times = new List<TimeSpan>(count);
        for (var number = 0; number < count; number++)
        {
            var began = Stopwatch.GetTimestamp();
            Attach(calls, table, uplink, number);
            times.Add(Stopwatch.GetElapsedTime(began));
        }
        return times;
    }

    private static void MakeHost(BareCalls calls)
    {
        calls.Ask(request => request.LinkUp(1));
        calls.Ask(request => request.AddressAdd(1, Places.Gateway, HostNetworkMarks.AddressLabel));
        BareCalls.Write("/proc/sys/net/ipv4/ip_forward", "1"u8);
        BareCalls.Write("/proc/sys/net/ipv6/conf/all/forwarding", "1"u8);
        BareCalls.Write($"/proc/sys/net/ipv6/conf/{ReachedHost.Uplink}/proxy_ndp", "1"u8);
        using var nftables = NftablesContext.Open();
        nftables.Run(FirewallRuleset.Text);
    }

    /// <summary>
    /// <c>ip tuntap add; sysctl; nft add element; ip link set up; ip route add; ip neighbour add</c>, and for IPv6
    /// <c>ip address add fe80::1</c>, two routes, two neighbours, and a proxy on the uplink.
    /// </summary>
    private static void Attach(BareCalls calls, NftTable table, int uplink, int number)
    {
        var place = ReachedPlaces.At(number);
        var (name, ipv6) = (place.TapName, place.External!.Ipv6!.Value);
        using (var device = BareCalls.CreateTap(name))
        {
            BareCalls.SetOwner(device, place.OwnerUid);
            BareCalls.Persist(device);
        }
        var index = calls.IndexOf(name);
        BareCalls.Write($"/proc/sys/net/ipv6/conf/{name}/addr_gen_mode", "1"u8);
        BareCalls.Write($"/proc/sys/net/ipv6/conf/{name}/accept_ra", "0"u8);
        BareCalls.Write($"/proc/sys/net/ipv4/neigh/{name}/proxy_delay", "0"u8);
        calls.Ask(request =>
            request.LinkConfigure(index, HostNetworkMarks.RouterMac, HostNetworkMarks.LinkGroup, new(true, true, 1))
        );
        table.Change(Elements(place));
        calls.Lead(place, index);
        calls.Ask(request => request.AddressReplace(index, HostNetworkMarks.Gateway6));
        foreach (var address in new[] { ipv6, place.LinkLocal })
        {
            calls.Ask(request =>
                request.RouteReplace(new Ipv6Network(address, 128), index, HostNetworkMarks.RouteProtocol)
            );
            calls.Ask(request => request.NeighbourReplace(index, address, place.Mac));
        }
        calls.Ask(request => request.ProxyReplace(uplink, ipv6, HostNetworkMarks.RouteProtocol));
    }

    private static NftChanges Elements(Attachment place)
    {
        var changes = new NftChanges();
        var guest = NftData.Of(place.Address);
        var everybody = NftData.Number(DedicatedMaps.EverybodyId);
        var open = NftData.Of(place.External!.Ipv6!.Value).WithProtocol(Tcp).WithPort(443);
        changes.Add(DedicatedMaps.Open6, new NftElement(open, everybody));
        changes.Add(DedicatedMaps.HairpinSources, new NftElement(guest, NftData.Of(Places.Gateway)));
        foreach (var forward in place.External.Forwards)
        {
            var port = forward.HostPorts.First;
            changes.Add(DedicatedMaps.OpenForwards, new NftElement(guest.WithProtocol(Tcp).WithPort(port), everybody));
            changes.Add(
                DedicatedMaps.Forwards,
                new NftElement(NftData.Protocol(Tcp).WithPort(port), guest.WithPort(forward.GuestFirst))
            );
        }
        return changes;
    }
}
