using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.ForeignRules;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// The difference between the host and what it should be, attachments aside. It is shown and carried out from the same
/// object, so that what is announced is what is done.
/// </summary>
/// <param name="Uplink">The interface that leads out; null where there is none.</param>
internal sealed record HostPlan(
    IReadOnlyList<HostChange> Forwarding,
    BridgePlan Bridge,
    GatewayPlan Gateways,
    FirewallPlan Firewall,
    BridgeFirewallPlan BridgeFirewall,
    DedicatedHostPlan Dedicated,
    IReadOnlyList<RulesFileEdit> Files,
    string? Uplink
)
{
    /// <summary>Reads the host and changes nothing.</summary>
    /// <param name="attachments">
    /// Whose policies are to be in the kernel, and who of the bridge's guests is let through by a new table at once.
    /// </param>
    /// <param name="replaced">Rules of others that are to go.</param>
    /// <param name="withGuests">Whether the firewall's elements of single guests are compared.</param>
    /// <param name="known">Where dedicated addresses come in, as far as that was found out before.</param>
    /// <param name="adopts">Whether the bridge of an older controller is about to be ours.</param>
    internal static HostPlan Read(
        HostNetworkKernel kernel,
        HostSetup host,
        HostNetworkOptions options,
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyCollection<Attachment> attachments,
        IReadOnlyList<ForeignRule> replaced,
        bool withGuests,
        DedicatedUplink known,
        bool adopts = false
    )
    {
        var bridge = new BridgeSetup(kernel).Plan(networks, adopts);
        var uplink = options.Uplink ?? HostSetup.FindUplink(kernel.Netlink);
        return new HostPlan(
            HostSetup.PlanForwarding(),
            bridge,
            host.PlanGateways(
                networks.Where(n => n.Mode == NetworkMode.Routed).SelectMany(n => n.Gateways).ToHashSet()
            ),
            new Firewall(kernel.Nftables).Plan(
                new FirewallSets(BridgeGuests.WithGateways(kernel, bridge, networks), options.Refused, uplink),
                attachments,
                LiveForeignRule.Find(replaced),
                withGuests
            ),
            new BridgeFirewall(kernel.Nftables).Plan(
                bridge.HasGuests,
                bridge.HasGuests ? BridgeGuests.Read(kernel, bridge, networks, attachments) : []
            ),
            DedicatedHostPlan.Read(kernel, options.External, uplink, known),
            RulesFileEdit.Find(replaced),
            uplink
        );
    }

    /// <summary>All, in the order in which it is done.</summary>
    internal IReadOnlyList<HostChange> Changes(HostNetworkKernel kernel) =>
        [
            .. Forwarding,
            .. Bridge.Additions,
            .. Gateways.Additions,
            .. Firewall.Changes,
            .. BridgeFirewall.Changes,
            .. Dedicated.Additions,
            .. Files.SelectMany(file => file.Changes),
            .. Gateways.Removals(kernel.Netlink),
            .. Bridge.Removals,
            .. Dedicated.Removals,
        ];
}
