using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// Gives guests their external access and takes it away, at a cost that depends on what changes and not on how much there
/// is. Knows what it has put into the kernel; what others did to that is found by <see cref="DedicatedPlan"/>. Of the
/// network thread alone.
/// </summary>
internal sealed class DedicatedGuests : IDisposable
{
    private readonly Dictionary<Ipv4Address, Attachment> _guests = [];
    private readonly SourceUsers _sources = new();

    // Kept open, as in PolicedGuests.
    private NftTable? _table;

    /// <summary>After a plan was carried out.</summary>
    /// <param name="attachments">Those that the plan was made for.</param>
    internal void Take(DedicatedPlan plan, IReadOnlyCollection<Attachment> attachments)
    {
        _guests.Clear();
        _sources.Clear();
        foreach (var chain in plan.Sources.Values)
            _sources.Add(chain);
        foreach (var attachment in attachments)
            if (Remember(attachment))
                _sources.Use(ListsOf(DedicatedElements.Of(attachment)));
    }

    /// <summary>
    /// Those whose access changed, as it was before and is now. One who loses an address or a port to another is to be told
    /// first, or together with the other.
    /// </summary>
    /// <exception cref="NetlinkException">No guest's access was changed.</exception>
    internal IReadOnlyList<(Attachment Before, Attachment After)> Put(
        NftablesContext nftables,
        IReadOnlyList<Attachment> attachments
    )
    {
        List<(Attachment Before, Attachment After)> changed =
        [
            .. attachments
                .DistinctBy(attachment => attachment.Address)
                .Select(after => (_guests.GetValueOrDefault(after.Address) ?? after with { External = null }, after))
                .Where(change => !DedicatedElements.AreSame(change.Item1, change.after)),
        ];
        if (changed.Count == 0)
            return changed;
        try
        {
            Change(nftables, _table ??= NftTable.Open(HostNetworkMarks.FirewallTable), changed);
        }
        catch (NetlinkException)
        {
            // What is still in it are answers to what was refused.
            Dispose();
            throw;
        }
        return changed;
    }

    internal void Remove(NftablesContext nftables, IReadOnlyList<Attachment> attachments) =>
        Put(nftables, [.. attachments.Select(attachment => attachment with { External = null })]);

    /// <summary>Whether the kernel has each of these elements as it should, who may come in included.</summary>
    internal bool AreThere(IReadOnlyDictionary<DedicatedKey, DedicatedTarget> elements)
    {
        var table = _table ??= NftTable.Open(HostNetworkMarks.FirewallTable);
        return elements
            .GroupBy(element => element.Key.Map)
            .All(map =>
            {
                var present = table.Find(map.Key.Name, [.. map.Select(element => element.Key.Key)]);
                return map.All(element =>
                    present.TryGetValue(element.Key.Key, out var found) && LeadsTo(table, found, element.Value)
                );
            });
    }

    public void Dispose()
    {
        _table?.Dispose();
        _table = null;
    }

    /// <summary>
    /// 1. chains that are used for the first time; 2. the elements, removals first, in one transaction; 3. chains that are no
    /// longer used.
    /// </summary>
    private void Change(
        NftablesContext nftables,
        NftTable table,
        IReadOnlyList<(Attachment Before, Attachment After)> changed
    )
    {
        var (before, after) = (
            new Dictionary<DedicatedKey, DedicatedTarget>(),
            new Dictionary<DedicatedKey, DedicatedTarget>()
        );
        var (usedBefore, usedAfter) = (new List<SourceNetworks>(), new List<SourceNetworks>());
        foreach (var change in changed)
        {
            usedBefore.AddRange(ListsOf(Into(before, DedicatedElements.Of(change.Before))));
            usedAfter.AddRange(ListsOf(Into(after, DedicatedElements.Of(change.After))));
        }

        // 1
        var made = _sources.Number(usedAfter);
        if (made.Count > 0)
        {
            var transaction = new StringBuilder();
            foreach (var chain in made)
                chain.AppendTo(transaction);
            nftables.Run(transaction.ToString());
            foreach (var chain in made)
                _sources.Add(chain);
            nftables.Run(SourceListing.AppendMarks(new StringBuilder(), table, made).ToString());
        }

        // 2
        table.Change(Difference(table, before, after));
        _sources.Use(usedAfter);
        foreach (var change in changed)
            Remember(change.After);

        // 3
        foreach (var chain in _sources.Leave(usedBefore))
            RemoveChain(nftables, chain);
    }

    // Asked of the kernel and not of memory: a removal of what is not there would make the whole transaction void, and so
    // would an element that somebody else has put in the place of ours.
    private NftChanges Difference(
        NftTable table,
        Dictionary<DedicatedKey, DedicatedTarget> before,
        Dictionary<DedicatedKey, DedicatedTarget> after
    )
    {
        var changes = new NftChanges();
        foreach (var map in DedicatedMap.All)
        {
            List<DedicatedKey> gone = [.. before.Keys.Where(key => key.Map == map && !after.ContainsKey(key))];
            List<DedicatedKey> wanted =
            [
                .. after
                    .Where(e => e.Key.Map == map && (!before.TryGetValue(e.Key, out var old) || old != e.Value))
                    .Select(element => element.Key),
            ];
            if (gone.Count + wanted.Count == 0)
                continue;
            var present = table.Find(map.Name, [.. gone.Concat(wanted).Select(key => key.Key)]);
            foreach (var key in gone.Where(key => present.ContainsKey(key.Key)))
                changes.Remove(map.Name, key.Key);
            foreach (var key in wanted)
            {
                var element = new NftElement(key.Key, after[key].Resolve(_sources.IdOf));
                if (present.TryGetValue(key.Key, out var found))
                {
                    if (found.Value == element.Value)
                        continue;
                    changes.Remove(map.Name, key.Key);
                }
                changes.Add(map.Name, element);
            }
        }
        return changes;
    }

    private void RemoveChain(NftablesContext nftables, SourceChain chain)
    {
        var transaction = new StringBuilder();
        SourceChains.AppendRemoval(transaction, chain.Id, chain.Sets);
        try
        {
            nftables.Run(transaction.ToString());
        }
        catch (NftablesException)
        {
            // The guests have what they should; what others made of this chain the next comparison removes.
        }
    }

    private bool LeadsTo(NftTable table, NftElement found, DedicatedTarget wanted)
    {
        if (wanted.From is not { } from)
            return found.Value == wanted.Value;
        if (found.Value is not { } number)
            return false;
        var chain = table.Find(DedicatedMaps.Sources, number)?.Chain;
        return from.IsEverybody
            ? chain == DedicatedMaps.Accepted
            : number.AsNumber == _sources.FindId(from) && chain == SourceChain.NameOf(number.AsNumber);
    }

    private bool Remember(Attachment attachment)
    {
        if (attachment.External is { IsNone: false })
            _guests[attachment.Address] = attachment;
        else
            _guests.Remove(attachment.Address);
        return attachment.External is { IsNone: false };
    }

    private static IReadOnlyDictionary<DedicatedKey, DedicatedTarget> Into(
        Dictionary<DedicatedKey, DedicatedTarget> all,
        IReadOnlyDictionary<DedicatedKey, DedicatedTarget> elements
    )
    {
        foreach (var (key, target) in elements)
            all[key] = target;
        return elements;
    }

    private static IEnumerable<SourceNetworks> ListsOf(IReadOnlyDictionary<DedicatedKey, DedicatedTarget> elements) =>
        elements
            .Values.Select(target => target.From)
            .OfType<SourceNetworks>()
            .Where(list => !list.IsEverybody)
            .Distinct();
}
