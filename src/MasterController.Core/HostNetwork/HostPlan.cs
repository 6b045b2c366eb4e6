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
    GatewayPlan Gateways,
    FirewallPlan Firewall,
    IReadOnlyList<RulesFileEdit> Files,
    string? Uplink
)
{
    /// <summary>Reads the host and changes nothing.</summary>
    /// <param name="attachments">Whose policies are to be in the kernel.</param>
    /// <param name="replaced">Rules of others that are to go.</param>
    internal static HostPlan Read(
        HostNetworkKernel kernel,
        HostSetup host,
        HostNetworkOptions options,
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyCollection<Attachment> attachments,
        IReadOnlyList<ForeignRule> replaced
    )
    {
        var uplink = options.Uplink ?? HostSetup.FindUplink(kernel.Netlink);
        return new HostPlan(
            HostSetup.PlanForwarding(),
            host.PlanGateways(networks.SelectMany(network => network.Gateways).ToHashSet()),
            new Firewall(kernel.Nftables).Plan(
                new FirewallSets(networks, options.Refused, uplink),
                attachments,
                LiveForeignRule.Find(replaced)
            ),
            RulesFileEdit.Find(replaced),
            uplink
        );
    }

    /// <summary>All, in the order in which it is done.</summary>
    internal IReadOnlyList<HostChange> Changes(HostNetworkKernel kernel) =>
        [
            .. Forwarding,
            .. Gateways.Additions,
            .. Firewall.Changes,
            .. Files.SelectMany(file => file.Changes),
            .. Gateways.Removals(kernel.Netlink),
        ];
}
