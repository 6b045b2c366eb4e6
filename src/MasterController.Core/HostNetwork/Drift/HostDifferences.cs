using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>A plan for the host, told as what differs.</summary>
internal static class HostDifferences
{
    private const string OnLoopback = $"on lo with label {HostNetworkMarks.AddressLabel}";

    private const string OnBridge = $"on {GuestBridge.Name} with label {GuestBridge.AddressLabel}";

    private const string None = "none";

    /// <summary>Whether it is there for nobody any more: a former gateway or prefix, the bridge without a pool.</summary>
    internal static bool IsLeftOver(Difference difference) =>
        difference is { Expected: None, Object: DriftObject.Address or DriftObject.Bridge or DriftObject.Route };

    /// <param name="passedOver">Changes of the plan that are of no account any more.</param>
    internal static IEnumerable<Difference> Of(
        HostPlan plan,
        string? rulesBy,
        IReadOnlyCollection<HostChange> passedOver
    ) => Differences(plan, rulesBy, passedOver).Select(difference => difference with { Scope = ObservationScope.Host });

    private static IEnumerable<Difference> Differences(
        HostPlan plan,
        string? rulesBy,
        IReadOnlyCollection<HostChange> passedOver
    )
    {
        if (plan.Forwarding.Count > 0)
            yield return new(DriftObject.Sysctl, "net.ipv4.ip_forward", "1", "0");
        if (plan.Gateways.BringsUpLoopback)
            yield return new(DriftObject.Link, "lo", "up", "down");
        foreach (var gateway in plan.Gateways.Missing)
            yield return new(DriftObject.Address, $"{gateway}/32", OnLoopback, AttachmentExpectation.Missing);
        foreach (var entry in plan.Gateways.LeftOver)
            yield return new(DriftObject.Address, $"{entry.Address}/32", None, OnLoopback);
        foreach (var difference in OfBridge(plan.Bridge))
            yield return difference;
        foreach (var difference in OfDedicated(plan.Dedicated))
            yield return difference;
        foreach (var change in plan.BridgeFirewall.Changes)
            yield return new(DriftObject.Nftables, BridgeRuleset.Table, Words(change).Expected, Words(change).Found)
            {
                By = rulesBy,
            };
        foreach (var change in plan.Firewall.Changes.Except(passedOver))
            yield return Of(change, plan.Firewall.MakesTable) with
            {
                By = rulesBy,
            };
    }

    private static IEnumerable<Difference> OfBridge(BridgePlan plan)
    {
        if (plan.IsObstructed)
            yield return new(DriftObject.Bridge, GuestBridge.Name, "ours", "a link of somebody else")
            {
                Owner = "an older controller",
                Advice = GuestBridge.Obstacle,
            };
        if (plan.MakesLink)
            yield return new(DriftObject.Bridge, GuestBridge.Name, "there", AttachmentExpectation.Missing);
        if (plan.MendsLink)
            yield return new(DriftObject.Bridge, GuestBridge.Name, "up, with its settings", "changed");
        if (plan.RemovesLink)
            yield return new(DriftObject.Bridge, GuestBridge.Name, None, "there, and no pool uses it");
        foreach (var address in plan.Missing)
            yield return new(DriftObject.Address, $"{address}", OnBridge, AttachmentExpectation.Missing);
        foreach (var entry in plan.LeftOver)
            yield return new(DriftObject.Address, $"{entry.Address}/{entry.PrefixLength}", None, OnBridge);
    }

    private static IEnumerable<Difference> OfDedicated(DedicatedHostPlan plan)
    {
        foreach (var setting in plan.Settings)
            yield return new(DriftObject.Sysctl, setting.Name, $"{setting.Value}", setting.FoundText);
        string[] missing = [.. plan.MissingIpv6.Select(n => $"{n}"), .. plan.MissingIpv4.Select(n => $"{n}")];
        foreach (var network in missing)
            yield return new(
                DriftObject.Route,
                network,
                DedicatedHostPlan.UnreachableText,
                AttachmentExpectation.Missing
            );
        string[] leftOver =
        [
            .. plan.LeftOverIpv6.Select(route => $"{route.Destination}"),
            .. plan.LeftOverIpv4.Select(route => $"{route.Destination}"),
        ];
        foreach (var network in leftOver)
            yield return new(DriftObject.Route, network, None, DedicatedHostPlan.UnreachableText);
    }

    private static (string Expected, string Found) Words(HostChange change) =>
        change.Kind switch
        {
            HostChangeKind.Add => ("there", AttachmentExpectation.Missing),
            HostChangeKind.Remove => (None, "there"),
            _ => ("as the controller made it", "changed"),
        };

    private static Difference Of(HostChange change, bool isTable)
    {
        // "add 10.0.0.0/8 to the set pool_networks": all but the verb says what it is about.
        var about = change.Text[(change.Text.IndexOf(' ') + 1)..];
        var (expected, found) = Words(change);
        return new(DriftObject.Nftables, isTable ? FirewallRuleset.Table : about, expected, found);
    }
}
