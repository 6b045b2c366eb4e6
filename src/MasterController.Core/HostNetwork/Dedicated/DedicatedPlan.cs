using System.Text;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>The difference between guests' external access as it should be and what the kernel has of it.</summary>
/// <param name="Sources">The chain of each list that a guest names.</param>
/// <param name="Made">Chains that are made anew, and to be marked.</param>
/// <param name="Changes">None where the whole table is made anew.</param>
internal sealed record DedicatedPlan(
    IReadOnlyDictionary<SourceNetworks, SourceChain> Sources,
    IReadOnlyList<SourceChain> Made,
    IReadOnlyList<HostChange> Changes,
    string Transaction
)
{
    private const string Object = "nftables";
    private const int ElementsPerCommand = 1000;

    /// <summary>
    /// What is of no account because guests were attached, detached or changed since: what is theirs, and chains and elements
    /// of nobody, which come and go with guests.
    /// </summary>
    internal IReadOnlyCollection<HostChange> ChangedSince(DesiredWatch watch) =>
        [
            .. Changes.Where(change =>
                change.Guest is { } guest ? watch.HasChanged(guest) : watch.HaveAttachmentsChanged
            ),
        ];

    /// <summary>All of it, for a table that has nothing yet.</summary>
    internal static DedicatedPlan Anew(IReadOnlyCollection<Attachment> attachments)
    {
        var (transaction, guests) = (new StringBuilder(), ElementsOf(attachments));
        var chains = SourceChains.Name(ListsOf(guests), []);
        foreach (var chain in chains.Values)
            chain.AppendTo(transaction);
        foreach (var map in DedicatedMap.All)
            AppendElements(
                transaction,
                "add",
                map,
                guests[map].Select(e => map.ElementText(e.Key, e.Value.Target.Resolve(list => chains[list].Id)))
            );
        return new DedicatedPlan(chains, [.. chains.Values], [], transaction.ToString());
    }

    /// <summary>
    /// 1. that everybody is let in where that is said, and chains that are missing or were changed, under the number that they
    /// had; 2. elements of guests; 3. chains that none leads to.
    /// </summary>
    /// <param name="withGuests">
    /// Whether each guest is looked at, which takes the longer the more there are. Without it 2 and 3 are left to the next
    /// comparison.
    /// </param>
    internal static DedicatedPlan Compare(
        NftTable table,
        IReadOnlyList<SourceListing> present,
        IReadOnlyCollection<Attachment> attachments,
        bool withGuests
    )
    {
        var (transaction, changes, made) = (new StringBuilder(), new List<HostChange>(), new List<SourceChain>());
        var guests = ElementsOf(attachments);
        var chains = SourceChains.Name(ListsOf(guests), present);
        var jumps = table
            .Elements(DedicatedMaps.Sources)
            .ToDictionary(element => element.Key.AsNumber, element => element.Chain);

        // 1
        const string Everybody = $"{DedicatedMaps.Everybody} : goto {DedicatedMaps.Accepted}";
        var isThere = jumps.Remove(DedicatedMaps.EverybodyId, out var everybody);
        if (everybody != DedicatedMaps.Accepted)
        {
            if (isThere)
                AppendNumber(transaction, "delete", DedicatedMaps.Everybody);
            AppendNumber(transaction, "add", Everybody);
            changes.Add(
                DedicatedChanges.Element(HostChangeKind.Add, DedicatedMaps.Sources, DedicatedMaps.Everybody, Everybody)
            );
        }
        foreach (var chain in chains.Values)
        {
            var found = present.FirstOrDefault(listing => listing.Id == chain.Id);
            var leads = jumps.GetValueOrDefault(chain.Id) == chain.Name;
            if (found is { IsWhole: true } && leads)
                continue;
            if (jumps.ContainsKey(chain.Id))
                AppendNumber(transaction, "delete", EgressChain.NumberOf(chain.Id));
            if (found is not null)
                SourceChains.AppendEmptying(transaction, chain.Name, found.Sets);
            chain.AppendTo(transaction);
            made.Add(chain);
            changes.Add(OfChain(found is null ? HostChangeKind.Add : HostChangeKind.Change, chain.Name));
        }
        if (!withGuests)
            return new DedicatedPlan(chains, made, changes, transaction.ToString());

        // 2
        foreach (var map in DedicatedMap.All)
            CompareMap(table, map, guests[map], list => chains[list].Id, transaction, changes);

        // 3
        var wanted = chains.Values.Select(chain => chain.Id).ToHashSet();
        foreach (var id in jumps.Keys.Where(id => !wanted.Contains(id)))
            AppendNumber(transaction, "delete", EgressChain.NumberOf(id));
        foreach (var listing in present.Where(listing => !wanted.Contains(listing.Id)))
        {
            SourceChains.AppendRemoval(transaction, listing.Id, listing.Sets, isLedTo: false);
            changes.Add(OfChain(HostChangeKind.Remove, SourceChain.NameOf(listing.Id)));
        }
        return new DedicatedPlan(chains, made, changes, transaction.ToString());
    }

    private static Dictionary<DedicatedMap, Dictionary<NftData, Owned>> ElementsOf(
        IReadOnlyCollection<Attachment> attachments
    )
    {
        var all = DedicatedMap.All.ToDictionary(map => map, _ => new Dictionary<NftData, Owned>());
        foreach (var attachment in attachments)
        foreach (var (key, target) in DedicatedElements.Of(attachment))
            all[key.Map][key.Key] = new Owned(target, attachment.Address);
        return all;
    }

    private static IEnumerable<SourceNetworks> ListsOf(Dictionary<DedicatedMap, Dictionary<NftData, Owned>> guests) =>
        guests
            .Values.SelectMany(elements => elements.Values)
            .Select(element => element.Target.From)
            .OfType<SourceNetworks>()
            .Where(from => !from.IsEverybody);

    private static void CompareMap(
        NftTable table,
        DedicatedMap map,
        Dictionary<NftData, Owned> missing,
        Func<SourceNetworks, uint> numberOf,
        StringBuilder transaction,
        List<HostChange> changes
    )
    {
        var (wrong, left) = (new List<string>(), new List<DedicatedChanges.Told>());
        foreach (var element in table.Elements(map.Name))
            if (!missing.TryGetValue(element.Key, out var wanted))
            {
                wrong.Add(map.KeyText(element.Key));
                left.Add(new(null, wrong[^1], wrong[^1]));
            }
            else if (wanted.Target.Resolve(numberOf) == element.Value)
                missing.Remove(element.Key);
            else
                wrong.Add(map.KeyText(element.Key));
        List<DedicatedChanges.Told> added =
        [
            .. missing.Select(element => new DedicatedChanges.Told(
                element.Value.Guest,
                map.KeyText(element.Key),
                map.ElementText(element.Key, element.Value.Target.Resolve(numberOf))
            )),
        ];
        AppendElements(transaction, "delete", map, wrong);
        AppendElements(transaction, "add", map, added.Select(element => element.Text));
        DedicatedChanges.Tell(changes, HostChangeKind.Remove, map, left);
        DedicatedChanges.Tell(changes, HostChangeKind.Add, map, added);
    }

    private static void AppendElements(
        StringBuilder transaction,
        string verb,
        DedicatedMap map,
        IEnumerable<string> all
    )
    {
        foreach (var some in all.Chunk(ElementsPerCommand))
            transaction
                .Append($"{verb} element {FirewallRuleset.Table} {map.Name} {{ ")
                .AppendJoin(", ", some)
                .Append(" }\n");
    }

    private static void AppendNumber(StringBuilder transaction, string verb, string element) =>
        transaction.Append($"{verb} element {FirewallRuleset.Table} {DedicatedMaps.Sources} {{ {element} }}\n");

    private static HostChange OfChain(HostChangeKind kind, string chain)
    {
        var verb = kind switch
        {
            HostChangeKind.Add => "make",
            HostChangeKind.Change => "replace",
            _ => "remove",
        };
        return new(Object, kind, $"{verb} the source chain {chain}", $"nft list chain {FirewallRuleset.Table} {chain}");
    }

    /// <summary>Where an element leads to, and whose it is.</summary>
    private readonly record struct Owned(DedicatedTarget Target, Ipv4Address Guest);
}
