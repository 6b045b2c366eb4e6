using System.Text;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.ForeignRules;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork;

/// <summary>What the sets of our table should hold.</summary>
internal sealed record FirewallSets(
    IReadOnlyList<PoolNetwork> Networks,
    IReadOnlyList<IpNetwork> RefusedNetworks,
    string? Uplink
)
{
    internal IEnumerable<(string Name, IReadOnlySet<string> Elements)> All =>
        [
            ("pool_networks", Texts(Networks.Select(network => (IpNetwork)network.Network))),
            (
                "vm_to_vm_networks",
                Texts(Networks.Where(network => network.AllowVmToVm).Select(network => (IpNetwork)network.Network))
            ),
            ("unroutable_networks", Texts(HostNetworkOptions.UnroutableNetworks.Select(network => (IpNetwork)network))),
            ("refused_networks", Texts(RefusedNetworks.Where(network => !network.IsIpv6))),
            (FirewallElements.Refused6, Texts(RefusedNetworks.Where(network => network.IsIpv6))),
            (
                "gateways",
                Networks.SelectMany(network => network.Gateways).Select(gateway => gateway.ToString()).ToHashSet()
            ),
            ("uplinks", Uplink is null ? new HashSet<string>() : [Uplink]),
        ];

    // Two pools may lease from different parts of one network, and the elements of an interval set must not overlap.
    private static HashSet<string> Texts(IEnumerable<IpNetwork> networks) =>
        NetworkSet.Outermost(networks).Select(NetworkSet.Text).ToHashSet();
}

/// <summary>The difference between our table and what it should be.</summary>
/// <param name="Transaction">What nft is to carry out at once; empty when nothing differs.</param>
/// <param name="MakesTable">Whether the whole table is made anew.</param>
/// <param name="RemovesOthers">Whether rules of others go with it.</param>
/// <param name="Egress">The part of it that is about guests' policies.</param>
/// <param name="Dedicated">The part of it that is about guests' external access.</param>
internal sealed record FirewallPlan(
    IReadOnlyList<HostChange> Changes,
    string Transaction,
    bool MakesTable,
    bool RemovesOthers,
    EgressPlan Egress,
    DedicatedPlan Dedicated
)
{
    /// <summary>What is of no account because guests were attached, detached or changed since.</summary>
    internal IReadOnlyCollection<HostChange> ChangedSince(DesiredWatch watch) =>
        [.. Egress.ChangedSince(watch), .. Dedicated.ChangedSince(watch)];
}

/// <summary>Brings our nftables table to what it should be, and touches no other.</summary>
internal sealed class Firewall(NftablesContext nftables)
{
    private const string Object = "nftables";

    /// <summary>
    /// Reads the table back, and finds what is to be changed in one transaction: the whole table if a rule of it is
    /// missing, changed or of another version, else the sets and policies that differ. Established connections outlive both.
    /// </summary>
    /// <param name="attachments">Whose policies are to be in the table.</param>
    /// <param name="replaced">Others' rules that go in the same transaction.</param>
    /// <param name="withGuests">Whether the elements of single guests are compared, in a table that stays.</param>
    internal FirewallPlan Plan(
        FirewallSets desired,
        IReadOnlyCollection<Attachment> attachments,
        IReadOnlyList<LiveForeignRule> replaced,
        bool withGuests
    )
    {
        using var table = NftTable.Open(HostNetworkMarks.FirewallTable);
        var listing = FirewallListing.Read(table);
        var makesTable = listing is null || listing.Marker != MarkerOf(listing);
        var transaction = new StringBuilder();
        var changes = new List<HostChange>();
        if (makesTable)
        {
            AppendTable(transaction, desired);
            changes.Add(
                listing is null
                    ? new HostChange(Object, HostChangeKind.Add, "make the nftables table", TableCommand)
                    : new HostChange(Object, HostChangeKind.Change, "replace the nftables table", TableCommand)
            );
        }
        else
            foreach (var (name, elements) in desired.All)
                AppendSet(transaction, changes, name, FirewallElements.Read(table, name), elements);
        var egress = makesTable
            ? EgressPlan.Anew(attachments, desired.RefusedNetworks)
            : EgressPlan.Compare(table, listing!.Policies, attachments, desired.RefusedNetworks, withGuests);
        var dedicated = makesTable
            ? DedicatedPlan.Anew(attachments)
            : DedicatedPlan.Compare(table, listing!.Sources, attachments, withGuests);
        transaction.Append(egress.Transaction).Append(dedicated.Transaction);
        changes.AddRange(egress.Changes);
        changes.AddRange(dedicated.Changes);
        foreach (var rule in replaced)
        {
            transaction.Append($"delete rule {rule.Chain} handle {rule.Handle}\n");
            changes.Add(rule.Removal);
        }
        return new FirewallPlan(changes, transaction.ToString(), makesTable, replaced.Count > 0, egress, dedicated);
    }

    /// <exception cref="NftablesException">Refused; the table is as it was, and so are the rules of others.</exception>
    internal void Run(FirewallPlan plan)
    {
        if (plan.Transaction.Length > 0)
            nftables.Run(plan.Transaction);
        if (!plan.MakesTable && plan.Egress.Made.Count + plan.Dedicated.Made.Count == 0)
            return;
        // The rules as the kernel lists them are known only now. Without the markers, after a crash here, the next call
        // replaces what has none once more.
        using var table = NftTable.Open(HostNetworkMarks.FirewallTable);
        var marks = EgressListing.AppendMarks(new StringBuilder(), table, plan.Egress.Made);
        SourceListing.AppendMarks(marks, table, plan.Dedicated.Made);
        if (plan.MakesTable)
        {
            var listing =
                FirewallListing.Read(table)
                ?? throw new NftablesException("The nftables table went away while it was being made");
            marks.Append(
                $"add rule {FirewallRuleset.Table} {FirewallRuleset.MarkerChain} return comment \"{MarkerOf(listing)}\"\n"
            );
        }
        nftables.Run(marks.ToString());
    }

    /// <summary>The elements of our sets and maps that hold an address, as nft writes them.</summary>
    /// <param name="guest">Whose it is, its own or one that is translated to it; null where it is nobody's.</param>
    internal IReadOnlyList<string> ElementsWith(Ipv4Address address, Attachment? guest)
    {
        using var table = NftTable.Open(HostNetworkMarks.FirewallTable);
        return
        [
            .. from name in new FirewallSets([], [], null).All.Select(set => set.Name).Append(EgressChain.Guests)
            from element in name == EgressChain.Guests
                ? GuestElement(table, address)
                : FirewallElements.Read(table, name)
            where
                element.Split(" : ")[0] == address.ToString()
                || (Ipv4Network.TryParse(element, out var network, out _) && network.Contains(address))
            orderby name, element
            select $"element {FirewallRuleset.Table} {name} {{ {element} }}",
            .. DedicatedLookUp.Run(table, address, guest),
        ];
    }

    private static IEnumerable<string> GuestElement(NftTable table, Ipv4Address address) =>
        table.Find(EgressChain.Guests, NftData.Of(address)) is { Value: { } id }
            ? [$"{address} : {EgressChain.NumberOf(id.AsNumber)}"]
            : [];

    // Its text is too long to be typed; a host that has one lists it so.
    private static string TableCommand => $"nft list table {FirewallRuleset.Table}";

    private static void AppendTable(StringBuilder transaction, FirewallSets desired)
    {
        // "add" makes the deletion valid where there is no table; the kernel sees none of the steps between.
        transaction
            .Append($"add table {FirewallRuleset.Table}\n")
            .Append($"delete table {FirewallRuleset.Table}\n")
            .Append(FirewallRuleset.Text);
        foreach (var (name, elements) in desired.All)
            AppendElements(transaction, name, elements);
    }

    private static void AppendSet(
        StringBuilder transaction,
        List<HostChange> changes,
        string name,
        IReadOnlySet<string> present,
        IReadOnlySet<string> desired
    )
    {
        if (present.SetEquals(desired))
            return;
        transaction.Append($"flush set {FirewallRuleset.Table} {name}\n");
        AppendElements(transaction, name, desired);
        foreach (var element in desired.Except(present).Order(StringComparer.Ordinal))
            changes.Add(
                new HostChange(
                    Object,
                    HostChangeKind.Add,
                    $"add {element} to the set {name}",
                    $"nft add element {FirewallRuleset.Table} {name} {{ {element} }}"
                )
            );
        foreach (var element in present.Except(desired).Order(StringComparer.Ordinal))
            changes.Add(
                new HostChange(
                    Object,
                    HostChangeKind.Remove,
                    $"remove {element} from the set {name}",
                    $"nft delete element {FirewallRuleset.Table} {name} {{ {element} }}"
                )
            );
    }

    private static string MarkerOf(FirewallListing listing) =>
        $"rules {FirewallRuleset.Fingerprint} listed {listing.Fingerprint}";

    private static void AppendElements(StringBuilder transaction, string set, IReadOnlySet<string> elements)
    {
        if (elements.Count == 0)
            return;
        transaction.Append($"add element {FirewallRuleset.Table} {set} {{ ");
        transaction.AppendJoin(", ", elements.Order(StringComparer.Ordinal).Select(Quote));
        transaction.Append(" }\n");
    }

    // Interface names may begin with a digit or hold what nft's grammar reserves; addresses need no quotes.
    private static string Quote(string element) =>
        IpAddress.TryParse(element, out _) || IpNetwork.TryParse(element, out _, out _) ? element : $"\"{element}\"";
}
