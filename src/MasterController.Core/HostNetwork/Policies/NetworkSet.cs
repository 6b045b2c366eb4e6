using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>Networks as an interval set of nftables takes them: its elements must not overlap.</summary>
internal static class NetworkSet
{
    /// <summary>Without those that lie in others, in order.</summary>
    internal static IReadOnlyList<IpNetwork> Outermost(IEnumerable<IpNetwork> networks)
    {
        var all = networks.Distinct().ToList();
        return
        [
            .. all.Where(network => !all.Any(other => other != network && other.Contains(network)))
                .OrderBy(network => network.IsIpv6)
                .ThenBy(network => network.Address.Value),
        ];
    }

    /// <summary>As nft writes it: one of a single address without its prefix length.</summary>
    internal static string Text(IpNetwork network) =>
        network.IsSingle ? network.Address.ToString() : network.ToString();
}
