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
    public bool DumpAddresses(int index, Action<AddressEntry> visit)
    {
        var writer = new NetlinkWriter(stackalloc byte[64]);
        writer.BeginMessage(Rt.RTM_GETADDR, Nl.Request | Nl.Dump, ++_sequence);
        writer.Byte(Libc.AF_INET);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32((uint)index);
        writer.EndMessage();
        return Dump(
            writer,
            message =>
            {
                if (message.Type == Rt.RTM_NEWADDR)
                    visit(AddressEntry.Read(message));
            }
        );
    }

    /// <summary><c>ip -4 route show table main [proto PROTOCOL]</c>; the kernel leaves out the others.</summary>
    /// <param name="protocol">0 means all protocols.</param>
    public bool DumpRoutes(byte protocol, Action<RouteEntry> visit) => DumpRoutes(Rt.RT_TABLE_MAIN, protocol, visit);

    /// <summary><c>ip -4 route show table all</c>, local and broadcast addresses among them.</summary>
    public bool DumpRoutesOfAllTables(Action<RouteEntry> visit) => DumpRoutes(Rt.RT_TABLE_UNSPEC, 0, visit);

    private bool DumpRoutes(byte table, byte protocol, Action<RouteEntry> visit)
    {
        var writer = new NetlinkWriter(stackalloc byte[64]);
        writer.BeginMessage(Rt.RTM_GETROUTE, Nl.Request | Nl.Dump, ++_sequence);
        writer.Byte(Libc.AF_INET);
        writer.Byte(0);
        writer.UInt16(0);
        writer.Byte(table);
        writer.Byte(protocol);
        writer.UInt16(0);
        writer.UInt32(0);
        if (table != Rt.RT_TABLE_UNSPEC)
            writer.Attribute(Rt.RTA_TABLE, (uint)table);
        writer.EndMessage();
        return Dump(
            writer,
            message =>
            {
                if (message.Type == Rt.RTM_NEWROUTE)
                    visit(RouteEntry.Read(message));
            }
        );
    }

    /// <summary><c>ip -4 neighbour show [dev INDEX] nud all</c></summary>
    /// <param name="index">0 means all interfaces.</param>
    public bool DumpNeighbours(int index, Action<NeighbourEntry> visit)
    {
        var writer = new NetlinkWriter(stackalloc byte[64]);
        writer.BeginMessage(Rt.RTM_GETNEIGH, Nl.Request | Nl.Dump, ++_sequence);
        writer.Byte(Libc.AF_INET);
        writer.Byte(0);
        writer.UInt16(0);
        writer.UInt32(0); // the index may not stand here under strict checks (neigh_valid_dump_req)
        writer.UInt32(0);
        if (index != 0)
            writer.Attribute(Rt.NDA_IFINDEX, (uint)index);
        writer.EndMessage();
        return Dump(
            writer,
            message =>
            {
                if (message.Type == Rt.RTM_NEWNEIGH)
                    visit(NeighbourEntry.Read(message));
            }
        );
    }

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
