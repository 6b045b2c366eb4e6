using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>Networks as an interval set of nftables takes them: its elements must not overlap.</summary>
internal static class Ipv4NetworkSet
{
    /// <summary>Without those that lie in others, in order.</summary>
    internal static IReadOnlyList<Ipv4Network> Outermost(IEnumerable<Ipv4Network> networks)
    {
        var all = networks.Distinct().ToList();
        return
        [
            .. all.Where(network => !all.Any(other => other != network && other.Contains(network)))
                .OrderBy(network => network.Address.Value),
        ];
    }

    /// <summary>As nft writes it: one of a single address without its prefix length.</summary>
    internal static string Text(Ipv4Network network) =>
        network.PrefixLength == 32 ? network.Address.ToString() : network.ToString();
}
