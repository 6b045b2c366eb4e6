using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>
/// Rate limits as nftables has them: an element of a set for each guest, thing that is limited and family, with a bucket of
/// its own. A packet that finds its guest's bucket empty matches the set.
/// </summary>
internal static class LimitedGuests
{
    internal const string OutBytes = "limited_out_bytes";
    internal const string OutBytes6 = "limited_out_bytes6";
    internal const string OutPackets = "limited_out_packets";
    internal const string OutPackets6 = "limited_out_packets6";
    internal const string InBytes = "limited_in_bytes";
    internal const string InBytes6 = "limited_in_bytes6";
    internal const string InPackets = "limited_in_packets";
    internal const string InPackets6 = "limited_in_packets6";

    private const int ElementsPerCommand = 500;

    internal static IReadOnlyList<(string Name, bool IsIpv6)> Sets { get; } =
    [
        (OutBytes, false),
        (OutPackets, false),
        (InBytes, false),
        (InPackets, false),
        (OutBytes6, true),
        (OutPackets6, true),
        (InBytes6, true),
        (InPackets6, true),
    ];

    /// <summary>The bucket of a guest in a set; null where it has none.</summary>
    internal static NftLimit? Of(RateLimit? limit, string set) =>
        set switch
        {
            OutBytes or OutBytes6 => Bytes(limit?.OutBytesPerSecond, limit?.OutBurstBytes),
            OutPackets or OutPackets6 => Packets(limit?.OutPacketsPerSecond, limit?.OutBurstPackets),
            InBytes or InBytes6 => Bytes(limit?.InBytesPerSecond, limit?.InBurstBytes),
            _ => Packets(limit?.InPacketsPerSecond, limit?.InBurstPackets),
        };

    /// <summary>Gives guests their limits and takes away others, at a cost that does not depend on how many there are.</summary>
    internal static void Put(NftTable table, IReadOnlyList<(IpAddress Address, RateLimit? Limit)> guests)
    {
        var changes = new NftChanges();
        foreach (var (set, isIpv6) in Sets)
        {
            var added = new List<NftElement>();
            foreach (var (address, limit) in guests.Where(guest => guest.Address.IsIpv6 == isIpv6))
            {
                var key = GuestAddresses.KeyOf(address);
                var (present, wanted) = (table.Find(set, key), Of(limit, set));
                // An element that stays keeps what is in its bucket.
                if (present?.Limit == wanted)
                    continue;
                if (present is not null)
                    changes.Remove(set, key);
                if (wanted is { } bucket)
                    added.Add(new NftElement(key) { Limit = bucket });
            }
            foreach (var element in added)
                changes.Add(set, element);
        }
        table.Change(changes);
    }

    /// <summary>The difference between the kernel and what should be, as a part of a transaction.</summary>
    /// <param name="table">Null where there is nothing yet.</param>
    internal static void Compare(
        NftTable? table,
        IReadOnlyCollection<Attachment> attachments,
        StringBuilder transaction,
        GuestChanges changes
    )
    {
        foreach (var (set, isIpv6) in Sets)
        {
            var missing = new Dictionary<IpAddress, NftLimit>();
            foreach (var attachment in attachments)
                if (Of(attachment.RateLimit, set) is { } limit)
                    foreach (var address in GuestAddresses.Of(attachment))
                        if (address.IsIpv6 == isIpv6)
                            missing[address] = limit;
            var wrong = new List<IpAddress>();
            foreach (var element in table?.Elements(set) ?? [])
            {
                var address = GuestAddresses.Read(element.Key);
                if (missing.TryGetValue(address, out var wanted) && element.Limit == wanted)
                    missing.Remove(address);
                else
                    wrong.Add(address);
            }
            foreach (var some in wrong.Chunk(ElementsPerCommand))
                Append(transaction, "delete", set, some.Select(address => address.ToString()));
            foreach (var some in missing.Chunk(ElementsPerCommand))
                Append(transaction, "add", set, some.Select(guest => $"{guest.Key} {guest.Value}"));
            if (table is null)
                continue;
            var gone = wrong.Where(address => !missing.ContainsKey(address));
            changes.Tell(HostChangeKind.Remove, set, [.. gone.Select(address => (address, address.ToString()))]);
            changes.Tell(
                HostChangeKind.Add,
                set,
                [.. missing.Select(guest => (guest.Key, $"{guest.Key} {guest.Value}"))]
            );
        }
    }

    private static void Append(StringBuilder transaction, string verb, string set, IEnumerable<string> elements) =>
        transaction
            .Append($"{verb} element {FirewallRuleset.Table} {set} {{ ")
            .AppendJoin(", ", elements)
            .Append(" }\n");

    // The kernel's bucket for bytes holds a second's worth and the burst, that for packets the burst alone.
    private static NftLimit? Bytes(long? perSecond, long? burst) =>
        perSecond is { } rate
            ? new NftLimit((ulong)rate, (uint)(burst ?? RateLimit.LeastBurstBytes), CountsBytes: true)
            : null;

    private static NftLimit? Packets(long? perSecond, long? burst) =>
        perSecond is { } rate ? new NftLimit((ulong)rate, (uint)(rate + (burst ?? 0)), CountsBytes: false) : null;
}
