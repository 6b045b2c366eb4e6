using System.Runtime.InteropServices;

namespace MasterController.Linux.Netlink;

/// <summary>
/// Lists of what there is. Each entry is handed over as it is read, so that a list of any length needs the memory of one
/// datagram. A dump answers false when the kernel says that the tables changed meanwhile: entries may then be missing
/// or doubled, and the caller asks again if that matters.
/// </summary>
public sealed partial class NetlinkSocket
{
    /// <summary><c>ip -details link show [type KIND] [master INDEX]</c></summary>
    /// <param name="master">Ports of this bridge only; 0 means all interfaces.</param>
    public bool DumpLinks(string? kind, Action<LinkEntry> visit, int master = 0)
    {
        var writer = new NetlinkWriter(stackalloc byte[128]);
        writer.BeginMessage(Rt.RTM_GETLINK, Nl.Request | Nl.Dump, ++_sequence);
        NetlinkBatch.LinkBody(ref writer, 0, 0, 0);
        writer.Attribute(Rt.IFLA_EXT_MASK, Rt.RTEXT_FILTER_SKIP_STATS);
        if (master != 0)
            writer.Attribute(Rt.IFLA_MASTER, (uint)master);
        if (kind is not null)
        {
            var info = writer.BeginNested(Rt.IFLA_LINKINFO);
            writer.Attribute(Rt.IFLA_INFO_KIND, kind);
            writer.EndNested(info);
        }
        writer.EndMessage();
        return Dump(
            writer,
            message =>
            {
                if (message.Type == Rt.RTM_NEWLINK)
                    visit(LinkEntry.Read(message));
            }
        );
    }

    /// <summary><c>ip -4 address show [dev INDEX]</c></summary>
    /// <param name="index">0 means all interfaces.</param>
    public bool DumpAddresses(int index, Action<AddressEntry> visit) =>
        DumpAddresses(Libc.AF_INET, index, message => visit(AddressEntry.Read(message)));

    /// <summary><c>ip -6 address show [dev INDEX]</c></summary>
    /// <inheritdoc cref="DumpAddresses(int, Action{AddressEntry})"/>
    public bool DumpIpv6Addresses(int index, Action<Ipv6AddressEntry> visit) =>
        DumpAddresses(Libc.AF_INET6, index, message => visit(Ipv6AddressEntry.Read(message)));

    /// <summary><c>ip -4 route show table main [proto PROTOCOL] [dev INDEX]</c>; the kernel leaves out the others.</summary>
    /// <param name="protocol">0 means all protocols.</param>
    /// <param name="index">0 means all interfaces.</param>
    public bool DumpRoutes(byte protocol, Action<RouteEntry> visit, int index = 0) =>
        DumpRoutes(new(Libc.AF_INET, Rt.RT_TABLE_MAIN, protocol, 0, index), m => visit(RouteEntry.Read(m)));

    /// <summary><c>ip -4 route show table main type unreachable proto PROTOCOL</c></summary>
    public bool DumpUnreachable(byte protocol, Action<RouteEntry> visit) =>
        DumpRoutes(
            new(Libc.AF_INET, Rt.RT_TABLE_MAIN, protocol, Rt.RTN_UNREACHABLE, 0),
            message => visit(RouteEntry.Read(message))
        );

    /// <summary><c>ip -4 route show table all</c>, local and broadcast addresses among them.</summary>
    public bool DumpRoutesOfAllTables(Action<RouteEntry> visit) =>
        DumpRoutes(new(Libc.AF_INET, Rt.RT_TABLE_UNSPEC, 0, 0, 0), message => visit(RouteEntry.Read(message)));

    /// <summary><c>ip -6 route show table main [proto PROTOCOL] [dev INDEX]</c>; the kernel leaves out the others.</summary>
    /// <inheritdoc cref="DumpRoutes(byte, Action{RouteEntry}, int)"/>
    public bool DumpIpv6Routes(byte protocol, Action<Ipv6RouteEntry> visit, int index = 0) =>
        DumpRoutes(
            new(Libc.AF_INET6, Rt.RT_TABLE_MAIN, protocol, 0, index),
            message => visit(Ipv6RouteEntry.Read(message))
        );

    /// <summary><c>ip -6 route show table main type unreachable proto PROTOCOL</c></summary>
    public bool DumpIpv6Unreachable(byte protocol, Action<Ipv6RouteEntry> visit) =>
        DumpRoutes(
            new(Libc.AF_INET6, Rt.RT_TABLE_MAIN, protocol, Rt.RTN_UNREACHABLE, 0),
            message => visit(Ipv6RouteEntry.Read(message))
        );

    /// <summary><c>ip -6 route show table all</c></summary>
    public bool DumpIpv6RoutesOfAllTables(Action<Ipv6RouteEntry> visit) =>
        DumpRoutes(new(Libc.AF_INET6, Rt.RT_TABLE_UNSPEC, 0, 0, 0), message => visit(Ipv6RouteEntry.Read(message)));

    /// <summary><c>ip -4 neighbour show [dev INDEX] nud all</c></summary>
    /// <param name="index">0 means all interfaces.</param>
    public bool DumpNeighbours(int index, Action<NeighbourEntry> visit) =>
        DumpNeighbours(Libc.AF_INET, 0, index, message => visit(NeighbourEntry.Read(message)));

    /// <summary><c>ip -6 neighbour show [dev INDEX] nud all</c></summary>
    /// <inheritdoc cref="DumpNeighbours(int, Action{NeighbourEntry})"/>
    public bool DumpIpv6Neighbours(int index, Action<Ipv6NeighbourEntry> visit) =>
        DumpNeighbours(Libc.AF_INET6, 0, index, message => visit(Ipv6NeighbourEntry.Read(message)));

    /// <summary><c>ip -4 neighbour show proxy</c></summary>
    public bool DumpProxies(Action<NeighbourEntry> visit) =>
        DumpNeighbours(Libc.AF_INET, Rt.NTF_PROXY, 0, message => visit(NeighbourEntry.Read(message)));

    /// <summary><c>ip -6 neighbour show proxy</c></summary>
    public bool DumpIpv6Proxies(Action<Ipv6NeighbourEntry> visit) =>
        DumpNeighbours(Libc.AF_INET6, Rt.NTF_PROXY, 0, message => visit(Ipv6NeighbourEntry.Read(message)));

    private bool DumpAddresses(byte family, int index, MessageHandler visit)
    {
        var writer = new NetlinkWriter(stackalloc byte[64]);
        writer.BeginMessage(Rt.RTM_GETADDR, Nl.Request | Nl.Dump, ++_sequence);
        writer.Byte(family);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32((uint)index);
        writer.EndMessage();
        return Dump(writer, Rt.RTM_NEWADDR, visit);
    }

    private bool DumpRoutes(RouteFilter filter, MessageHandler visit)
    {
        var writer = new NetlinkWriter(stackalloc byte[64]);
        writer.BeginMessage(Rt.RTM_GETROUTE, Nl.Request | Nl.Dump, ++_sequence);
        writer.Byte(filter.Family);
        writer.Byte(0);
        writer.UInt16(0);
        writer.Byte(filter.Table);
        writer.Byte(filter.Protocol);
        writer.Byte(0);
        writer.Byte(filter.Type);
        writer.UInt32(0);
        if (filter.Table != Rt.RT_TABLE_UNSPEC)
            writer.Attribute(Rt.RTA_TABLE, (uint)filter.Table);
        if (filter.Index != 0)
            writer.Attribute(Rt.RTA_OIF, (uint)filter.Index);
        writer.EndMessage();
        try
        {
            return Dump(writer, Rt.RTM_NEWROUTE, visit);
        }
        catch (NetlinkException exception) when (exception.Error is { Code: NetlinkError.NoSuchEntry })
        {
            // A table is made with its first route: in a new namespace there is none yet (ip_fib.h, fib_new_table).
            return true;
        }
    }

    private bool DumpNeighbours(byte family, byte flags, int index, MessageHandler visit)
    {
        var writer = new NetlinkWriter(stackalloc byte[64]);
        writer.BeginMessage(Rt.RTM_GETNEIGH, Nl.Request | Nl.Dump, ++_sequence);
        writer.Byte(family);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32(0); // the index may not stand here under strict checks (neigh_valid_dump_req)
        writer.UInt16(0);
        writer.Byte(flags);
        writer.Byte(0);
        if (index != 0)
            writer.Attribute(Rt.NDA_IFINDEX, (uint)index);
        writer.EndMessage();
        return Dump(writer, Rt.RTM_NEWNEIGH, visit);
    }

    /// <summary>As <see cref="Dump(NetlinkWriter, MessageHandler)"/>, with messages of one type alone.</summary>
    private bool Dump(NetlinkWriter request, ushort type, MessageHandler visit) =>
        Dump(
            request,
            message =>
            {
                if (message.Type == type)
                    visit(message);
            }
        );

    /// <summary>What a dump of routes is to hold; 0 means all.</summary>
    private readonly record struct RouteFilter(byte Family, byte Table, byte Protocol, byte Type, int Index);

    internal delegate void MessageHandler(NetlinkMessage message);

    /// <param name="request">With the number that <see cref="NextSequence"/> gave last.</param>
    internal bool Dump(NetlinkWriter request, MessageHandler visit)
    {
        Send(request.Written);
        var consistent = true;
        while (true)
        {
            var reader = new NetlinkReader(Receive());
            while (reader.TryRead(out var message))
            {
                if (message.Sequence != _sequence)
                    continue;
                consistent &= (message.Flags & Nl.DumpInterrupted) == 0;
                if (message.Type is Nl.Error or Nl.Done)
                {
                    var code = MemoryMarshal.Read<ushort>(request.Written[4..]);
                    return ReadError(message) is { } error
                        ? throw new NetlinkException($"Dump (netlink message {code})", error)
                        : consistent;
                }
                visit(message);
            }
        }
    }
}
