using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Netfilter;

/// <summary>
/// The kernel's table of connections. Belongs to the network namespace of the thread that opened it, and to one caller at
/// a time.
/// </summary>
public sealed class ConntrackSocket : IDisposable
{
    // The kernel walks its whole table for each question, the buckets of all namespaces: some 9 ms. To ask for one address
    // takes two, and nothing else is handed over; to be handed over everything takes one, and 0.5 µs for each entry.
    private const int MostAskedOneByOne = 4;
    private const int FewEntries = 20_000;

    private readonly NetlinkSocket _socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER);
    private readonly NetlinkBatch _deletions = new();
    private readonly int _fewEntries;

    private ConntrackSocket(int fewEntries) => _fewEntries = fewEntries;

    /// <exception cref="NetlinkException">The kernel has no nfnetlink, or no descriptor is free.</exception>
    public static ConntrackSocket Open() => new(FewEntries);

    internal static ConntrackSocket Open(int fewEntries) => new(fewEntries);

    /// <summary>
    /// <c>conntrack -D -s ADDRESS; conntrack -D --reply-src ADDRESS</c>: forgets every IPv4 connection of which one of these
    /// is an end, whoever began it and whatever it was translated to.
    /// </summary>
    /// <returns>How many were forgotten.</returns>
    /// <exception cref="NetlinkException">The kernel refused, or has no nf_conntrack_netlink.</exception>
    public int DeleteConnectionsOf(IReadOnlySet<Ipv4Address> ends)
    {
        _deletions.Clear();
        var entries = Count();
        if (entries == 0)
            return 0;
        if (ends.Count > MostAskedOneByOne || entries <= _fewEntries)
            Find(ends, filter: null);
        else
            foreach (var end in ends)
            {
                Find(ends, (end, Ct.CTA_TUPLE_ORIG));
                Find(ends, (end, Ct.CTA_TUPLE_REPLY));
            }
        var deleted = 0;
        foreach (var error in _socket.Execute(_deletions))
        {
            // It ended by itself meanwhile, or was found in both directions.
            if (error is { IsMissing: false })
                throw new NetlinkException("A tracked connection could not be deleted", error);
            deleted += error is null ? 1 : 0;
        }
        return deleted;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary><c>conntrack -C</c></summary>
    private long Count()
    {
        var batch = new NetlinkBatch();
        batch.ConntrackCount();
        long count = 0;
        var error = _socket.Execute(
            batch,
            (_, message) =>
            {
                var attributes = message.Attributes(NfNetlink.MessageBody);
                while (attributes.TryRead())
                    if (attributes.Type == Ct.CTA_STATS_GLOBAL_ENTRIES)
                        count = attributes.NetworkOrderUInt32;
            }
        )[0];
        return error is null ? count : throw new NetlinkException("Tracked connections could not be counted", error);
    }

    private void Find(IReadOnlySet<Ipv4Address> ends, (Ipv4Address Source, ushort Tuple)? filter)
    {
        var writer = new NetlinkWriter(stackalloc byte[128]);
        writer.BeginMessage(Ct.IPCTNL_MSG_CT_GET, Nl.Request | Nl.Dump, _socket.NextSequence());
        NfNetlink.Body(ref writer, NfNetlink.NFPROTO_IPV4);
        if (filter is { } wanted)
            Filter(ref writer, wanted.Source, wanted.Tuple);
        writer.EndMessage();
        _socket.Dump(
            writer,
            message =>
            {
                if (message.Type == Ct.IPCTNL_MSG_CT_NEW)
                    DeleteIfOf(ends, message);
            }
        );
    }

    // A kernel that does not know the filter (before Linux 5.8) hands over everything, which is looked through as well.
    private static void Filter(ref NetlinkWriter writer, Ipv4Address source, ushort tuple)
    {
        var outer = writer.BeginNested(tuple);
        var inner = writer.BeginNested(Ct.CTA_TUPLE_IP);
        writer.NetworkOrderAttribute(Ct.CTA_IP_V4_SRC, source.Value);
        writer.EndNested(inner);
        writer.EndNested(outer);
        var filter = writer.BeginNested(Ct.CTA_FILTER);
        var isOriginal = tuple == Ct.CTA_TUPLE_ORIG;
        writer.Attribute(Ct.CTA_FILTER_ORIG_FLAGS, isOriginal ? Ct.CTA_FILTER_F_CTA_IP_SRC : 0);
        writer.Attribute(Ct.CTA_FILTER_REPLY_FLAGS, isOriginal ? 0 : Ct.CTA_FILTER_F_CTA_IP_SRC);
        writer.EndNested(filter);
    }

    private void DeleteIfOf(IReadOnlySet<Ipv4Address> ends, NetlinkMessage message)
    {
        ReadOnlySpan<byte> original = default;
        ReadOnlySpan<byte> id = default;
        ReadOnlySpan<byte> zone = default;
        var isOfOne = false;
        var attributes = message.Attributes(NfNetlink.MessageBody);
        while (attributes.TryRead())
            switch (attributes.Type)
            {
                case Ct.CTA_TUPLE_ORIG:
                    original = attributes.Value;
                    isOfOne |= ReadSource(attributes.Nested) is { } source && ends.Contains(source);
                    break;
                case Ct.CTA_TUPLE_REPLY:
                    isOfOne |= ReadSource(attributes.Nested) is { } answering && ends.Contains(answering);
                    break;
                case Ct.CTA_ID:
                    id = attributes.Value;
                    break;
                case Ct.CTA_ZONE:
                    zone = attributes.Value;
                    break;
            }
        if (isOfOne)
            _deletions.ConntrackDelete(original, id, zone);
    }

    private static Ipv4Address? ReadSource(AttributeReader tuple)
    {
        while (tuple.TryRead())
            if (tuple.Type == Ct.CTA_TUPLE_IP)
            {
                var addresses = tuple.Nested;
                while (addresses.TryRead())
                    if (addresses.Type == Ct.CTA_IP_V4_SRC && addresses.Value.Length == 4)
                        return Ipv4Address.FromBytes(addresses.Value);
            }
        return null;
    }
}
