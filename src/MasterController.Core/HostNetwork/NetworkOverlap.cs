using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <summary>A network of the host, ours left out, that shares addresses with a pool's.</summary>
/// <param name="What">"route through eth0", "address of docker0 (Docker)", "address of eth0 (the uplink's own network)".</param>
public sealed record NetworkOverlap(Ipv4Network PoolNetwork, Ipv4Network Other, string What)
{
    internal static IReadOnlyList<NetworkOverlap> Find(
        IReadOnlyList<HostNetworkOfOthers> hosts,
        IReadOnlyList<Ipv4Network> networks
    ) =>
        [
            .. from network in networks.Distinct()
            from host in hosts
            where network.Overlaps(host.Network)
            orderby network.Address, network.PrefixLength, host.Network.Address, host.Network.PrefixLength
            select new NetworkOverlap(network, host.Network, host.What),
        ];
}
