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
    private readonly ElementOwners _owners = new();

    // Kept open, as in PolicedGuests.
    private NftTable? _table;

    /// <summary>After a plan was carried out.</summary>
    /// <param name="attachments">Those that the plan was made for.</param>
    internal void Take(DedicatedPlan plan, IReadOnlyCollection<Attachment> attachments)
    {
        _guests.Clear();
        _sources.Clear();
        _owners.Clear();
        foreach (var chain in plan.Sources.Values)
            _sources.Add(chain);
        foreach (var attachment in attachments.Where(attachment => attachment.External is { IsNone: false }))
        {
            var elements = DedicatedElements.Of(attachment);
            _guests[attachment.Address] = attachment;
            _sources.Use(DedicatedElements.ListsOf(elements));
            _owners.Give(attachment.Address, elements.Keys);
        }
    }

    /// <summary>
    /// Those whose access changed, as it was before and is now. What one loses to another may be given before it is taken.
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
        var difference = new DedicatedDifference(changed);

        // 1
        var made = _sources.Number(difference.UsedAfter);
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
        table.Change(difference.Changes(table.Find, _sources.IdOf, _owners.IsOfAnother(changed)));
        _sources.Use(difference.UsedAfter);
        _owners.Change(changed);
        foreach (var (_, after) in changed)
            if (after.External is { IsNone: false })
                _guests[after.Address] = after;
            else
                _guests.Remove(after.Address);

        // 3
        foreach (var chain in _sources.Leave(difference.UsedBefore))
            RemoveChain(nftables, chain);
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
}
