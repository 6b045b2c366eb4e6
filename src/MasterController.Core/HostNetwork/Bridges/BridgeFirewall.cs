using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>The difference between our table for the bridge and what it should be, elements of single guests aside.</summary>
/// <param name="Transaction">What nft is to carry out at once; empty when nothing differs.</param>
/// <param name="MakesTable">Whether the whole table is made anew.</param>
internal sealed record BridgeFirewallPlan(IReadOnlyList<HostChange> Changes, string Transaction, bool MakesTable);

/// <summary>What the sets of our table for the bridge hold.</summary>
internal sealed record BridgeFirewallSets(IReadOnlySet<string> Guests, IReadOnlySet<string> OpenPorts);

/// <summary>Brings our table for the bridge to what it should be, and touches no other.</summary>
internal sealed class BridgeFirewall(NftablesContext nftables)
{
    private const string ListTable = $"list table {BridgeRuleset.Table}";

    /// <param name="guests">Those that a table which is made anew begins with: no frame of theirs meets an empty one.</param>
    internal BridgeFirewallPlan Plan(bool isWanted, IReadOnlyList<BridgeGuest> guests)
    {
        var listing = List();
        if (!isWanted)
            return listing is null
                ? new BridgeFirewallPlan([], "", MakesTable: false)
                : new BridgeFirewallPlan(
                    [Change(HostChangeKind.Remove, "remove", $"nft delete table {BridgeRuleset.Table}")],
                    $"delete table {BridgeRuleset.Table}\n",
                    MakesTable: false
                );
        if (listing?.Marker is { } marker && marker == listing.MarkerFor(BridgeRuleset.Fingerprint))
            return new BridgeFirewallPlan([], "", MakesTable: false);
        var transaction = new StringBuilder()
            .Append($"add table {BridgeRuleset.Table}\n")
            .Append($"delete table {BridgeRuleset.Table}\n")
            .Append(BridgeRuleset.Text);
        Append(transaction, "add", guests.Select(Guest), guests.Where(guest => guest.IsOpen).Select(Port));
        return new BridgeFirewallPlan(
            [
                listing is null
                    ? Change(HostChangeKind.Add, "make", $"nft {ListTable}")
                    : Change(HostChangeKind.Change, "replace", $"nft {ListTable}"),
            ],
            transaction.ToString(),
            MakesTable: true
        );
    }

    /// <exception cref="NftablesException">Refused; the table is as it was.</exception>
    internal void Run(BridgeFirewallPlan plan)
    {
        if (plan.Transaction.Length > 0)
            nftables.Run(plan.Transaction);
        if (!plan.MakesTable)
            return;
        // As for the table "inet": known only now, and without it the next call replaces the table once more.
        var listing = List() ?? throw new NftablesException("The nftables table went away while it was being made");
        nftables.Run(
            $"add rule {BridgeRuleset.Table} {FirewallRuleset.MarkerChain} return comment \"{listing.MarkerFor(BridgeRuleset.Fingerprint)}\"\n"
        );
    }

    /// <summary>Lets guests through, all in one transaction; those that are let through already stay so.</summary>
    /// <exception cref="NftablesException">Refused, as where the table is missing.</exception>
    internal void Add(IReadOnlyList<BridgeGuest> guests)
    {
        var closed = guests.Where(guest => !guest.IsOpen).Select(Port).ToList();
        var transaction = new StringBuilder();
        Append(transaction, "add", guests.Select(Guest), guests.Where(guest => guest.IsOpen).Select(Port));
        AppendRemoval(transaction, [], closed);
        nftables.Run(transaction.ToString());
    }

    /// <summary>Lets guests through no longer; where there is no table, none is.</summary>
    internal void Remove(IReadOnlyList<BridgeGuest> guests) =>
        Remove(guests.Select(guest => guest.Element), guests.Select(guest => guest.Port));

    /// <param name="guests">Elements as nft lists them.</param>
    /// <param name="openPorts">Names of ports.</param>
    internal void Remove(IEnumerable<string> guests, IEnumerable<string> openPorts)
    {
        var transaction = new StringBuilder();
        AppendRemoval(transaction, [.. guests.Select(Quoted)], [.. openPorts.Select(Quoted)]);
        try
        {
            nftables.Run(transaction.ToString());
        }
        catch (NftablesException) when (List() is null) { }
    }

    /// <summary>What the sets hold now; null where there is no such table, or one without them.</summary>
    internal BridgeFirewallSets? Read() =>
        List()?.Sets is { } sets
        && sets.TryGetValue(BridgeRuleset.Guests, out var guests)
        && sets.TryGetValue(BridgeRuleset.OpenPorts, out var openPorts)
            ? new BridgeFirewallSets(guests, openPorts)
            : null;

    /// <summary>The elements that hold an address, as nft writes them.</summary>
    internal IReadOnlyList<string> ElementsWith(Ipv4Address address) =>
        [
            .. from element in Read()?.Guests ?? new HashSet<string>()
            where element.EndsWith($" . {address}", StringComparison.Ordinal)
            select $"element {BridgeRuleset.Table} {BridgeRuleset.Guests} {{ {element} }}",
        ];

    private static HostChange Change(HostChangeKind kind, string verb, string command) =>
        new("nftables", kind, $"{verb} the nftables table {BridgeRuleset.Table}", command);

    private static string Guest(BridgeGuest guest) => Quoted(guest.Element);

    private static string Port(BridgeGuest guest) => Quoted(guest.Port);

    // The name of a port, which stands first, may begin with a digit or hold what nft's grammar reserves.
    private static string Quoted(string element)
    {
        var end = element.IndexOf(' ', StringComparison.Ordinal);
        return end < 0 ? $"\"{element}\"" : $"\"{element[..end]}\"{element[end..]}";
    }

    // "add" makes the deletion of what is not there valid; the kernel sees neither step by itself.
    private static void AppendRemoval(
        StringBuilder transaction,
        IReadOnlyList<string> guests,
        IReadOnlyList<string> ports
    )
    {
        Append(transaction, "add", guests, ports);
        Append(transaction, "delete", guests, ports);
    }

    private static void Append(
        StringBuilder transaction,
        string verb,
        IEnumerable<string> guests,
        IEnumerable<string> openPorts
    )
    {
        foreach (var (set, elements) in new[] { (BridgeRuleset.Guests, guests), (BridgeRuleset.OpenPorts, openPorts) })
        {
            var text = string.Join(", ", elements);
            if (text.Length > 0)
                transaction.Append($"{verb} element {BridgeRuleset.Table} {set} {{ {text} }}\n");
        }
    }

    private BridgeListing? List() => nftables.List(ListTable) is { } json ? BridgeListing.Read(json) : null;
}
