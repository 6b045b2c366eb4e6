using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>All guests of the bridge: VMs of pools in bridge mode, and what was adopted.</summary>
internal static class BridgeGuests
{
    internal static IReadOnlyList<BridgeGuest> Read(
        HostNetworkKernel kernel,
        BridgePlan bridge,
        IReadOnlyList<PoolNetwork> networks,
        IEnumerable<Attachment> attachments
    )
    {
        var ports = new List<LinkEntry>();
        if (bridge.Link is { } link)
            kernel.Netlink.DumpLinks("tun", ports.Add, link.Index);
        return
        [
            .. attachments.Where(a => a.Mode == NetworkMode.Bridge).Select(a => BridgeGuest.Of(a, networks)),
            .. AdoptedTap.Of(ports, networks),
        ];
    }

    /// <summary>
    /// The networks, whose gateways guests may ask for an echo, with those that an older controller gave an adopted bridge.
    /// </summary>
    internal static IReadOnlyList<PoolNetwork> WithGateways(
        HostNetworkKernel kernel,
        BridgePlan bridge,
        IReadOnlyList<PoolNetwork> networks
    )
    {
        if (!bridge.HasGuests || networks.Count == 0 || bridge.Link is not { } link)
            return networks;
        var others = new List<Ipv4Address>();
        kernel.Netlink.DumpAddresses(
            link.Index,
            entry =>
            {
                if (entry.Label != GuestBridge.AddressLabel)
                    others.Add(entry.Address);
            }
        );
        return [networks[0] with { Gateways = [.. networks[0].Gateways.Union(others)] }, .. networks.Skip(1)];
    }
}
