using System.Buffers.Binary;
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
    /// <c>conntrack -D -s ADDRESS; conntrack -D --reply-src ADDRESS</c>: forgets connections of which one of these addresses
    /// is an end, whoever began them and whatever they were translated to.
    /// </summary>
    /// <returns>How many were forgotten.</returns>
    /// <exception cref="NetlinkException">The kernel refused, or has no nf_conntrack_netlink.</exception>
    public int Delete(IReadOnlyList<ConnectionsOf> connections)
    {
        _deletions.Clear();
        var entries = Count();
        if (entries == 0)
            return 0;
        foreach (var family in connections.ToLookup(some => some.End.IsIpv6))
        {
            var ends = family.ToLookup(some => some.End, some => some.AreMeant);
            if (ends.Count > MostAskedOneByOne || entries <= _fewEntries)
                Find(family.Key, ends, filter: null);
            else
                foreach (var end in ends)
                {
                    Find(family.Key, ends, (end.Key, Ct.CTA_TUPLE_ORIG));
                    Find(family.Key, ends, (end.Key, Ct.CTA_TUPLE_REPLY));
                }
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

    private void Find(
        bool isIpv6,
        ILookup<IpAddress, Func<TrackedConnection, bool>?> ends,
        (IpAddress Source, ushort Tuple)? filter
    )
    {
        var writer = new NetlinkWriter(stackalloc byte[128]);
        writer.BeginMessage(Ct.IPCTNL_MSG_CT_GET, Nl.Request | Nl.Dump, _socket.NextSequence());
        var family = isIpv6 ? NfNetlink.NFPROTO_IPV6 : NfNetlink.NFPROTO_IPV4;
        NfNetlink.Body(ref writer, family);
        if (filter is { } wanted)
            Filter(ref writer, wanted.Source, wanted.Tuple);
        writer.EndMessage();
        _socket.Dump(
            writer,
            message =>
            {
                if (message.Type == Ct.IPCTNL_MSG_CT_NEW)
                    DeleteIfOf(ends, family, message);
            }
        );
    }

    // A kernel that does not know the filter (before Linux 5.8) hands over everything, which is looked through as well.
    private static void Filter(ref NetlinkWriter writer, IpAddress source, ushort tuple)
    {
        Span<byte> bytes = stackalloc byte[16];
        source.WriteBytes(bytes);
        var outer = writer.BeginNested(tuple);
        var inner = writer.BeginNested(Ct.CTA_TUPLE_IP);
        writer.Attribute(source.IsIpv6 ? Ct.CTA_IP_V6_SRC : Ct.CTA_IP_V4_SRC, bytes[..source.Length]);
        writer.EndNested(inner);
        writer.EndNested(outer);
        var filter = writer.BeginNested(Ct.CTA_FILTER);
        var isOriginal = tuple == Ct.CTA_TUPLE_ORIG;
        writer.Attribute(Ct.CTA_FILTER_ORIG_FLAGS, isOriginal ? Ct.CTA_FILTER_F_CTA_IP_SRC : 0);
        writer.Attribute(Ct.CTA_FILTER_REPLY_FLAGS, isOriginal ? 0 : Ct.CTA_FILTER_F_CTA_IP_SRC);
        writer.EndNested(filter);
    }

    private void DeleteIfOf(
        ILookup<IpAddress, Func<TrackedConnection, bool>?> ends,
        byte family,
        NetlinkMessage message
    )
    {
        ReadOnlySpan<byte> tuple = default;
        ReadOnlySpan<byte> id = default;
        ReadOnlySpan<byte> zone = default;
        var (protocol, original, reply) = ((byte)0, default(TrackedDirection), default(TrackedDirection));
        var attributes = message.Attributes(NfNetlink.MessageBody);
        while (attributes.TryRead())
            switch (attributes.Type)
            {
                case Ct.CTA_TUPLE_ORIG:
                    tuple = attributes.Value;
                    original = ReadDirection(attributes.Nested, out protocol);
                    break;
                case Ct.CTA_TUPLE_REPLY:
                    reply = ReadDirection(attributes.Nested, out _);
                    break;
                case Ct.CTA_ID:
                    id = attributes.Value;
                    break;
                case Ct.CTA_ZONE:
                    zone = attributes.Value;
                    break;
            }
        var connection = new TrackedConnection(protocol, original, reply);
        if (IsMeant(ends[original.Source], connection) || IsMeant(ends[reply.Source], connection))
            _deletions.ConntrackDelete(family, tuple, id, zone);
    }

    private static bool IsMeant(IEnumerable<Func<TrackedConnection, bool>?> meant, TrackedConnection connection) =>
        meant.Any(isMeant => isMeant?.Invoke(connection) != false);

    private static TrackedDirection ReadDirection(AttributeReader tuple, out byte protocol)
    {
        var direction = default(TrackedDirection);
        protocol = 0;
        while (tuple.TryRead())
        {
            var parts = tuple.Nested;
            while (parts.TryRead())
            {
                if ((tuple.Type, parts.Type) == (Ct.CTA_TUPLE_PROTO, Ct.CTA_PROTO_NUM))
                    protocol = parts.Byte;
                direction = (tuple.Type, parts.Type) switch
                {
                    (Ct.CTA_TUPLE_IP, Ct.CTA_IP_V4_SRC or Ct.CTA_IP_V6_SRC) => direction with
                    {
                        Source = ReadAddress(parts.Value),
                    },
                    (Ct.CTA_TUPLE_IP, Ct.CTA_IP_V4_DST or Ct.CTA_IP_V6_DST) => direction with
                    {
                        Destination = ReadAddress(parts.Value),
                    },
                    (Ct.CTA_TUPLE_PROTO, Ct.CTA_PROTO_SRC_PORT) => direction with
                    {
                        SourcePort = ReadPort(parts.Value),
                    },
                    (Ct.CTA_TUPLE_PROTO, Ct.CTA_PROTO_DST_PORT) => direction with
                    {
                        DestinationPort = ReadPort(parts.Value),
                    },
                    _ => direction,
                };
            }
        }
        return direction;
    }

    private static IpAddress ReadAddress(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 4 ? Ipv4Address.FromBytes(bytes) : Ipv6Address.FromBytes(bytes);

    private static ushort ReadPort(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
