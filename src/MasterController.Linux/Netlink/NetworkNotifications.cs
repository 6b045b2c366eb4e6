using System.Runtime.InteropServices;
using MasterController.Linux.Netfilter;
using MasterController.Linux.Nftables;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Netlink;

/// <summary>What is called for each notification, on the thread that waits for them.</summary>
/// <param name="Link">A link as it is now, or was when it went away.</param>
/// <param name="Address">An IPv4 address that came or went.</param>
/// <param name="Route">An IPv4 route that came or went; the kernel does not tell of those that go with their link.</param>
/// <param name="Neighbour">A neighbour entry that came, changed or went.</param>
/// <param name="Ipv6Address">An IPv6 address that came, changed or went.</param>
/// <param name="Ipv6Route">An IPv6 route that came, changed or went, also with its link.</param>
/// <param name="Ipv6Neighbour">The same as <paramref name="Neighbour"/> of IPv6. Of proxies nothing is told.</param>
/// <param name="Setting">A setting of IPv4 or IPv6 that was changed on an interface: its index, −1 for "all", −2 for "default".</param>
/// <param name="Rules">A transaction of nftables: the thread and the name of the program that made it.</param>
/// <param name="Lost">Notifications were lost: anything may have changed.</param>
public sealed record NetworkNotificationHandlers(
    Action<LinkEntry, bool> Link,
    Action<AddressEntry, bool> Address,
    Action<RouteEntry, bool> Route,
    Action<NeighbourEntry, bool> Neighbour,
    Action<Ipv6AddressEntry, bool> Ipv6Address,
    Action<Ipv6RouteEntry, bool> Ipv6Route,
    Action<Ipv6NeighbourEntry, bool> Ipv6Neighbour,
    Action<int> Setting,
    Action<uint, string> Rules,
    Action Lost
);

/// <summary>
/// The kernel's notifications about links, addresses, routes and neighbours, settings of interfaces and nftables in
/// the network namespace of the thread that opened it: <c>ip monitor; nft monitor</c>.
/// </summary>
public sealed class NetworkNotifications : IDisposable
{
    // What waits is handed over in portions, so that whoever waits can also look at its clock.
    private const int MostPerWait = 512;

    private readonly NetlinkSubscription _routing = NetlinkSubscription.Open(
        Libc.NETLINK_ROUTE,
        Rt.RTNLGRP_LINK,
        Rt.RTNLGRP_NEIGH,
        Rt.RTNLGRP_IPV4_IFADDR,
        Rt.RTNLGRP_IPV4_ROUTE,
        Rt.RTNLGRP_IPV4_NETCONF,
        Rt.RTNLGRP_IPV6_IFADDR,
        Rt.RTNLGRP_IPV6_ROUTE,
        Rt.RTNLGRP_IPV6_NETCONF
    );

    private readonly NetlinkSubscription _rules = NetlinkSubscription.Open(
        Libc.NETLINK_NETFILTER,
        Nft.NFNLGRP_NFTABLES
    );

    private readonly SafeFileHandle _awake = new(
        Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK),
        ownsHandle: true
    );

    private NetworkNotifications() { }

    /// <exception cref="NetlinkException">The kernel has no such groups, or no descriptor is free.</exception>
    public static NetworkNotifications Open() => new();

    /// <summary>Waits for notifications and hands over what has come; returns at the latest when the time is over.</summary>
    /// <param name="milliseconds">0 does not wait, −1 has no end.</param>
    /// <exception cref="NetlinkException">The sockets cannot be read any more.</exception>
    public unsafe void Wait(int milliseconds, NetworkNotificationHandlers handlers)
    {
        var descriptors = stackalloc Libc.PollDescriptor[3];
        descriptors[0] = new() { Descriptor = (int)_routing.Handle.DangerousGetHandle(), Events = Libc.POLLIN };
        descriptors[1] = new() { Descriptor = (int)_rules.Handle.DangerousGetHandle(), Events = Libc.POLLIN };
        descriptors[2] = new() { Descriptor = (int)_awake.DangerousGetHandle(), Events = Libc.POLLIN };
        // SAFETY: the entries live on this stack for the call, and the descriptors are open as long as this object is.
        if (Libc.poll(descriptors, 3, milliseconds) <= 0)
            return;
        if (descriptors[0].Returned != 0)
            Drain(_routing, handlers, Dispatch);
        if (descriptors[1].Returned != 0)
            Drain(_rules, handlers, DispatchRules);
    }

    /// <summary>Ends the wait under way and all later ones; may be called from any thread.</summary>
    public void EndWaits() => RandomAccess.Write(_awake, BitConverter.GetBytes(1UL), 0);

    public void Dispose()
    {
        _awake.Dispose();
        _routing.Dispose();
        _rules.Dispose();
    }

    private delegate void Dispatcher(NetlinkMessage message, NetworkNotificationHandlers handlers);

    private static void Drain(
        NetlinkSubscription subscription,
        NetworkNotificationHandlers handlers,
        Dispatcher dispatch
    )
    {
        for (var i = 0; i < MostPerWait && subscription.TryReceive(out var datagram, out var lost); i++)
        {
            if (lost)
                handlers.Lost();
            var reader = new NetlinkReader(datagram);
            while (reader.TryRead(out var message))
                dispatch(message, handlers);
        }
    }

    private static void Dispatch(NetlinkMessage message, NetworkNotificationHandlers handlers)
    {
        switch (message.Type)
        {
            case Rt.RTM_NEWLINK or Rt.RTM_DELLINK:
                // Bridges tell of their ports in a family of their own, with less in it.
                if (message.Payload[0] == Libc.AF_UNSPEC)
                    handlers.Link(LinkEntry.Read(message), message.Type == Rt.RTM_DELLINK);
                break;
            case Rt.RTM_NEWADDR or Rt.RTM_DELADDR:
                if (message.Payload[0] == Libc.AF_INET)
                    handlers.Address(AddressEntry.Read(message), message.Type == Rt.RTM_DELADDR);
                else if (message.Payload[0] == Libc.AF_INET6)
                    handlers.Ipv6Address(Ipv6AddressEntry.Read(message), message.Type == Rt.RTM_DELADDR);
                break;
            case Rt.RTM_NEWROUTE or Rt.RTM_DELROUTE:
                if (message.Payload[0] == Libc.AF_INET)
                    handlers.Route(RouteEntry.Read(message), message.Type == Rt.RTM_DELROUTE);
                else if (message.Payload[0] == Libc.AF_INET6)
                    handlers.Ipv6Route(Ipv6RouteEntry.Read(message), message.Type == Rt.RTM_DELROUTE);
                break;
            case Rt.RTM_NEWNEIGH or Rt.RTM_DELNEIGH:
                if (message.Payload[0] == Libc.AF_INET)
                    handlers.Neighbour(NeighbourEntry.Read(message), message.Type == Rt.RTM_DELNEIGH);
                else if (message.Payload[0] == Libc.AF_INET6)
                    handlers.Ipv6Neighbour(Ipv6NeighbourEntry.Read(message), message.Type == Rt.RTM_DELNEIGH);
                break;
            case Rt.RTM_NEWNETCONF:
                if (ReadChangedSetting(message) is { } index)
                    handlers.Setting(index);
                break;
        }
    }

    private static void DispatchRules(NetlinkMessage message, NetworkNotificationHandlers handlers)
    {
        if (message.Type != Nft.NFT_MSG_NEWGEN)
            return;
        var (thread, name) = (0u, "");
        var attributes = message.Attributes(NfNetlink.MessageBody);
        while (attributes.TryRead())
            if (attributes.Type == Nft.NFTA_GEN_PROC_PID)
                thread = attributes.NetworkOrderUInt32;
            else if (attributes.Type == Nft.NFTA_GEN_PROC_NAME)
                name = attributes.Text;
        handlers.Rules(thread, name);
    }

    // A new interface is told with all settings at once, a change with the one that it was.
    private static int? ReadChangedSetting(NetlinkMessage message)
    {
        if (message.Payload[0] is not (Libc.AF_INET or Libc.AF_INET6))
            return null;
        var (index, settings) = (0, 0);
        var attributes = message.Attributes(Rt.NetconfBody);
        while (attributes.TryRead())
            if (attributes.Type == Rt.NETCONFA_IFINDEX && attributes.Value.Length >= sizeof(int))
                index = MemoryMarshal.Read<int>(attributes.Value);
            else
                settings++;
        return settings == 1 ? index : null;
    }
}
