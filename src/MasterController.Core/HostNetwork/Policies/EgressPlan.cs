using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>The difference between the policies and limits that guests should have and those in the kernel.</summary>
/// <param name="Guests">The chain of each of their addresses, for guests with a policy.</param>
/// <param name="Made">Chains that are made anew, and to be marked.</param>
/// <param name="Changes">None where the whole table is made anew.</param>
internal sealed record EgressPlan(
    IReadOnlyDictionary<IpAddress, EgressChain> Guests,
    IReadOnlyList<EgressChain> Made,
    IReadOnlyList<HostChange> Changes,
    string Transaction
)
{
    private const string Object = "nftables";
    private const int ElementsPerCommand = 1000;

    /// <summary>
    /// What is of no account because guests were attached, detached or given another policy since: their own places, and
    /// chains, which come and go with guests.
    /// </summary>
    internal IReadOnlyCollection<HostChange> ChangedSince(DesiredWatch watch) =>
        [
            .. Changes.Where(change =>
                change.Guest is { } guest ? watch.HasChanged(guest) : watch.HaveAttachmentsChanged
            ),
        ];

    /// <summary>All of it, for a table that has nothing yet.</summary>
    internal static EgressPlan Anew(IReadOnlyCollection<Attachment> attachments, IReadOnlyList<IpNetwork> refused)
    {
        var chains = Name(attachments, refused, []);
        var guests = GuestsOf(attachments, chains);
        var transaction = new StringBuilder();
        foreach (var chain in chains.Values)
            chain.AppendTo(transaction);
        foreach (var map in guests.GroupBy(guest => EgressChain.MapOf(guest.Key)))
            AppendGuests(transaction, map.Key, map);
        LimitedGuests.Compare(
            null,
            attachments,
            transaction,
            new GuestChanges([], GuestAddresses.OwnersOf(attachments))
        );
        return new EgressPlan(guests, [.. chains.Values], [], transaction.ToString());
    }

    /// <summary>
    /// 1. chains that are missing or were changed, under the number that they had; 2. guests and their limits; 3. chains
    /// without guests.
    /// </summary>
    /// <param name="withGuests">
    /// Whether each guest is looked at, which takes the longer the more there are. Without it 2 and 3 are left to the next
    /// comparison: nobody loses a policy before having the next one.
    /// </param>
    internal static EgressPlan Compare(
        NftTable table,
        IReadOnlyList<EgressListing> present,
        IReadOnlyCollection<Attachment> attachments,
        IReadOnlyList<IpNetwork> refused,
        bool withGuests
    )
    {
        var chains = Name(attachments, refused, present);
        var guests = GuestsOf(attachments, chains);
        var (transaction, changes, made) = (new StringBuilder(), new List<HostChange>(), new List<EgressChain>());
        var jumps = table
            .Elements(EgressChain.Chains)
            .ToDictionary(element => element.Key.AsNumber, element => element.Chain);

        // 1
        foreach (var chain in chains.Values)
        {
            var found = present.FirstOrDefault(listing => listing.Id == chain.Id);
            var leads = jumps.GetValueOrDefault(chain.Id) == chain.Name;
            if (found is { IsWhole: true } && leads)
                continue;
            if (!leads && jumps.ContainsKey(chain.Id))
                AppendRemoval(transaction, EgressChain.Chains, EgressChain.NumberOf(chain.Id));
            if (found is not null)
                AppendEmptying(transaction, chain.Name, found.Sets);
            chain.AppendTo(transaction);
            made.Add(chain);
            changes.Add(Change(found is null ? HostChangeKind.Add : HostChangeKind.Change, chain.Name));
        }

        if (!withGuests)
            return new EgressPlan(guests, made, changes, transaction.ToString());

        // 2
        var told = new GuestChanges(changes, GuestAddresses.OwnersOf(attachments));
        CompareGuests(table, guests, transaction, told);
        LimitedGuests.Compare(table, attachments, transaction, told);

        // 3
        var wanted = chains.Values.Select(chain => chain.Id).ToHashSet();
        foreach (var id in jumps.Keys.Where(id => !wanted.Contains(id)))
            AppendRemoval(transaction, EgressChain.Chains, EgressChain.NumberOf(id));
        foreach (var listing in present.Where(listing => !wanted.Contains(listing.Id)))
        {
            AppendEmptying(transaction, EgressChain.NameOf(listing.Id), listing.Sets);
            transaction.Append($"delete chain {FirewallRuleset.Table} {EgressChain.NameOf(listing.Id)}\n");
            changes.Add(Change(HostChangeKind.Remove, EgressChain.NameOf(listing.Id)));
        }
        return new EgressPlan(guests, made, changes, transaction.ToString());
    }

    /// <summary>What removes a chain that no guest is led to.</summary>
    internal static void AppendRemoval(StringBuilder transaction, EgressChain chain)
    {
        AppendRemoval(transaction, EgressChain.Chains, EgressChain.NumberOf(chain.Id));
        AppendEmptying(transaction, chain.Name, chain.Sets);
        transaction.Append($"delete chain {FirewallRuleset.Table} {chain.Name}\n");
    }

    /// <summary>A number for a policy that has none.</summary>
    internal static EgressChain Number(EgressPolicy policy, IReadOnlyList<IpNetwork> refused, Func<uint, bool> isTaken)
    {
        var chain = new EgressChain(0, policy, refused);
        var id = EgressChain.FirstId(chain.Fingerprint);
        while (isTaken(id))
            id = id == uint.MaxValue ? 1 : id + 1;
        return chain with { Id = id };
    }

    private static Dictionary<EgressPolicy, EgressChain> Name(
        IReadOnlyCollection<Attachment> attachments,
        IReadOnlyList<IpNetwork> refused,
        IReadOnlyList<EgressListing> present
    )
    {
        var known = present
            .Where(listing => listing.Policy is not null)
            .DistinctBy(listing => listing.Policy)
            .ToDictionary(listing => listing.Policy!, listing => listing.Id);
        // What lost its mark is to be replaced, by the same policy where it had the number that comes first.
        var taken = known.Values.ToHashSet();
        var chains = new Dictionary<EgressPolicy, EgressChain>();
        foreach (var attachment in attachments)
        {
            if (attachment.Egress is not { } policy || chains.ContainsKey(policy))
                continue;
            var chain = new EgressChain(0, policy, refused);
            chains[policy] = known.TryGetValue(chain.Fingerprint, out var id)
                ? chain with
                {
                    Id = id,
                }
                : Number(policy, refused, number => !taken.Add(number));
        }
        return chains;
    }

    private static Dictionary<IpAddress, EgressChain> GuestsOf(
        IReadOnlyCollection<Attachment> attachments,
        Dictionary<EgressPolicy, EgressChain> chains
    )
    {
        var guests = new Dictionary<IpAddress, EgressChain>(chains.Count == 0 ? 0 : attachments.Count);
        foreach (var attachment in attachments)
            if (attachment.Egress is { } policy)
                foreach (var address in GuestAddresses.Of(attachment))
                    guests[address] = chains[policy];
        return guests;
    }

    private static void CompareGuests(
        NftTable table,
        Dictionary<IpAddress, EgressChain> guests,
        StringBuilder transaction,
        GuestChanges changes
    )
    {
        foreach (var map in (string[])[EgressChain.Guests, EgressChain.Guests6])
        {
            var missing = guests.Where(guest => EgressChain.MapOf(guest.Key) == map).ToDictionary();
            var wrong = new List<IpAddress>();
            foreach (var element in table.Elements(map))
            {
                var address = GuestAddresses.Read(element.Key);
                if (guests.TryGetValue(address, out var chain) && chain.Id == element.Value?.AsNumber)
                    missing.Remove(address);
                else
                    wrong.Add(address);
            }
            foreach (var some in wrong.Chunk(ElementsPerCommand))
                AppendRemoval(transaction, map, string.Join(", ", some));
            AppendGuests(transaction, map, missing);
            var left = wrong.Where(address => !guests.ContainsKey(address));
            changes.Tell(HostChangeKind.Remove, map, [.. left.Select(address => (address, address.ToString()))]);
            changes.Tell(
                HostChangeKind.Add,
                map,
                [.. missing.Select(guest => (guest.Key, ElementOf(guest.Key, guest.Value)))]
            );
        }
    }

    private static void AppendGuests(
        StringBuilder transaction,
        string map,
        IEnumerable<KeyValuePair<IpAddress, EgressChain>> guests
    )
    {
        foreach (var some in guests.Chunk(ElementsPerCommand))
            transaction
                .Append($"add element {FirewallRuleset.Table} {map} {{ ")
                .AppendJoin(", ", some.Select(guest => ElementOf(guest.Key, guest.Value)))
                .Append(" }\n");
    }

    private static string ElementOf(IpAddress address, EgressChain chain) =>
        $"{address} : {EgressChain.NumberOf(chain.Id)}";

    private static void AppendRemoval(StringBuilder transaction, string map, string keys) =>
        transaction.Append($"delete element {FirewallRuleset.Table} {map} {{ {keys} }}\n");

    private static void AppendEmptying(StringBuilder transaction, string chain, IReadOnlyList<string> sets)
    {
        transaction.Append($"flush chain {FirewallRuleset.Table} {chain}\n");
        foreach (var set in sets)
            transaction.Append($"delete set {FirewallRuleset.Table} {set}\n");
    }

    private static HostChange Change(HostChangeKind kind, string chain) =>
        new(
            Object,
            kind,
            $"{VerbOf(kind)} the egress chain {chain}",
            $"nft list chain {FirewallRuleset.Table} {chain}"
        );

    private static string VerbOf(HostChangeKind kind) =>
        kind switch
        {
            HostChangeKind.Add => "make",
            HostChangeKind.Change => "replace",
            _ => "remove",
        };
}
