using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork;

/// <summary>What the sets of our table should hold.</summary>
internal sealed record FirewallSets(
    IReadOnlyList<PoolNetwork> Networks,
    IReadOnlyList<Ipv4Network> RefusedNetworks,
    string? Uplink
)
{
    internal IEnumerable<(string Name, IReadOnlySet<string> Elements)> All =>
        [
            ("pool_networks", Texts([.. Networks.Select(network => network.Network)])),
            (
                "vm_to_vm_networks",
                Texts([.. Networks.Where(network => network.AllowVmToVm).Select(network => network.Network)])
            ),
            ("refused_networks", Texts(RefusedNetworks)),
            (
                "gateways",
                Networks.SelectMany(network => network.Gateways).Select(gateway => gateway.ToString()).ToHashSet()
            ),
            ("uplinks", Uplink is null ? new HashSet<string>() : [Uplink]),
        ];

    // Two pools may lease from different parts of one network, and the elements of an interval set must not overlap.
    // nft writes a network of one address without its prefix length.
    private static HashSet<string> Texts(IReadOnlyList<Ipv4Network> networks) =>
        networks
            .Where(network => !networks.Any(other => other != network && other.Contains(network)))
            .Select(network => network.PrefixLength == 32 ? network.Address.ToString() : network.ToString())
            .ToHashSet();
}

/// <summary>Brings our nftables table to what it should be, and touches no other.</summary>
internal sealed class Firewall(NftablesContext nftables)
{
    private const string ListTable = $"list table {FirewallRuleset.Table}";

    /// <summary>
    /// Reads the table back, and changes what differs in one transaction: the whole table if a rule of it is missing,
    /// changed or of another version, else the sets that differ. Established connections outlive both.
    /// </summary>
    /// <exception cref="NftablesException">Refused; the table is as it was.</exception>
    internal void Apply(FirewallSets desired, ChangeLog changes)
    {
        var listing = List();
        if (listing is null || listing.Marker != MarkerOf(listing))
        {
            Replace(desired);
            changes.Add("firewall", listing is null ? "made the nftables table" : "replaced the nftables table");
            return;
        }
        var transaction = new StringBuilder();
        foreach (var (name, elements) in desired.All)
        {
            var present = listing.Sets[name];
            if (present.SetEquals(elements))
                continue;
            transaction.Append($"flush set {FirewallRuleset.Table} {name}\n");
            AppendElements(transaction, name, elements);
            foreach (var element in elements.Except(present).Order(StringComparer.Ordinal))
                changes.Add("firewall", $"added {element} to the set {name}");
            foreach (var element in present.Except(elements).Order(StringComparer.Ordinal))
                changes.Add("firewall", $"removed {element} from the set {name}");
        }
        if (transaction.Length > 0)
            nftables.Run(transaction.ToString());
    }

    private void Replace(FirewallSets desired)
    {
        // "add" makes the deletion valid where there is no table; the kernel sees none of the steps between.
        var transaction = new StringBuilder()
            .Append($"add table {FirewallRuleset.Table}\n")
            .Append($"delete table {FirewallRuleset.Table}\n")
            .Append(FirewallRuleset.Text);
        foreach (var (name, elements) in desired.All)
            AppendElements(transaction, name, elements);
        nftables.Run(transaction.ToString());
        // The rules as this host's nft lists them are known only now. Without the marker, after a crash here, the next
        // call replaces the table once more.
        var listing = List() ?? throw new NftablesException("The nftables table went away while it was being made");
        nftables.Run(
            $"add rule {FirewallRuleset.Table} {FirewallRuleset.MarkerChain} return comment \"{MarkerOf(listing)}\"\n"
        );
    }

    private FirewallListing? List() => nftables.List(ListTable) is { } json ? FirewallListing.Read(json) : null;

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
        Ipv4Address.TryParse(element, out _) || Ipv4Network.TryParse(element, out _, out _)
            ? element
            : $"\"{element}\"";
}
