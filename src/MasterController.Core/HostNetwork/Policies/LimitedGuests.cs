using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>
/// Rate limits as nftables has them: an element of a set for each guest and thing that is limited, with a bucket of its
/// own. A packet that finds its guest's bucket empty matches the set.
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

    internal static IReadOnlyList<string> Sets { get; } = [OutBytes, OutPackets, InBytes, InPackets];

    /// <summary>The bucket of a guest in a set; null where it has none.</summary>
    internal static NftLimit? Of(RateLimit? limit, string set) =>
        set switch
        {
            OutBytes => Bytes(limit?.OutBytesPerSecond, limit?.OutBurstBytes),
            OutPackets => Packets(limit?.OutPacketsPerSecond, limit?.OutBurstPackets),
            InBytes => Bytes(limit?.InBytesPerSecond, limit?.InBurstBytes),
            _ => Packets(limit?.InPacketsPerSecond, limit?.InBurstPackets),
        };

    /// <summary>Gives guests their limits and takes away others, at a cost that does not depend on how many there are.</summary>
    internal static void Put(NftTable table, IReadOnlyList<Attachment> attachments)
    {
        foreach (var set in Sets)
        {
            var (removed, added) = (new List<NftData>(), new List<NftElement>());
            foreach (var attachment in attachments)
            {
                var key = NftData.Of(attachment.Address);
                var (present, wanted) = (table.Find(set, key), Of(attachment.RateLimit, set));
                // An element that stays keeps what is in its bucket.
                if (present?.Limit == wanted)
                    continue;
                if (present is not null)
                    removed.Add(key);
                if (wanted is { } limit)
                    added.Add(new NftElement(key) { Limit = limit });
            }
            table.ChangeElements(set, removed, added);
        }
    }

    /// <summary>The difference between the kernel and what should be, as a part of a transaction.</summary>
    /// <param name="table">Null where there is nothing yet.</param>
    internal static void Compare(
        NftTable? table,
        IReadOnlyCollection<Attachment> attachments,
        StringBuilder transaction,
        List<HostChange> changes
    )
    {
        foreach (var set in Sets)
        {
            var missing = new Dictionary<Ipv4Address, NftLimit>();
            foreach (var attachment in attachments)
                if (Of(attachment.RateLimit, set) is { } limit)
                    missing[attachment.Address] = limit;
            var wrong = new List<Ipv4Address>();
            foreach (var element in table?.Elements(set) ?? [])
                if (missing.TryGetValue(element.Key.AsIpv4, out var wanted) && element.Limit == wanted)
                    missing.Remove(element.Key.AsIpv4);
                else
                    wrong.Add(element.Key.AsIpv4);
            foreach (var some in wrong.Chunk(ElementsPerCommand))
                Append(transaction, "delete", set, some.Select(address => address.ToString()));
            foreach (var some in missing.Chunk(ElementsPerCommand))
                Append(transaction, "add", set, some.Select(guest => $"{guest.Key} {guest.Value}"));
            if (table is null)
                continue;
            var gone = wrong.Where(address => !missing.ContainsKey(address)).Select(address => address.ToString());
            GuestChanges.Tell(changes, HostChangeKind.Remove, set, [.. gone]);
            GuestChanges.Tell(changes, HostChangeKind.Add, set, [.. missing.Select(g => $"{g.Key} {g.Value}")]);
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
