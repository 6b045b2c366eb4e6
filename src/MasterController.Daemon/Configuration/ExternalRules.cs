using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Configuration;

/// <summary>What holds between the keys of dedicated addresses and others.</summary>
internal static class ExternalRules
{
    public static IEnumerable<ConfigError> Check(ConfigValues values)
    {
        var pool = values.Get(ConfigKeys.PoolCidr);
        var isRouted = values.Get(ConfigKeys.PoolNetwork) == NetworkModeName.Of(NetworkMode.Routed);
        var prefix = values.Get(ConfigKeys.ExternalIpv6);
        if (prefix is { } known && isRouted && new Ipv6Mapping(known).ReasonAgainst([pool]) is { } tooSmall)
            yield return Wrong(values, ConfigKeys.ExternalIpv6, $"{tooSmall} (pool.default.cidr)");

        var networks = values.Get(ConfigKeys.ExternalIpv4);
        for (var i = 0; i < networks.Count; i++)
        {
            if (Against(networks[i], pool, [.. networks.Take(i)]) is { } problem)
                yield return Wrong(values, ConfigKeys.ExternalIpv4, problem);
        }
        foreach (var keys in values.Types.Select(ConfigKeys.ForType))
        {
            if (values.Get(keys.Ipv6) && prefix is null)
                yield return Wrong(values, keys.Ipv6, $"there is no prefix: {ExternalSettings.Ipv6Key} is empty");
            if (values.Get(keys.RouterAdvertisements) && prefix?.PrefixLength != 64)
                yield return Wrong(
                    values,
                    keys.RouterAdvertisements,
                    $"guests make an address by themselves of a /64 alone, and {ExternalSettings.Ipv6Key} is {prefix?.ToString() ?? "empty"}"
                );
        }
    }

    private static string? Against(Ipv4Network network, Ipv4Network pool, IReadOnlyList<Ipv4Network> before)
    {
        foreach (var other in before)
        {
            if (network.Overlaps(other))
                return $"{network} overlaps {other}";
        }
        foreach (var unroutable in HostNetworkOptions.UnroutableNetworks)
        {
            if (network.Overlaps(unroutable))
                return $"{network} overlaps {unroutable}, where no host on the internet is";
        }
        return network.Overlaps(pool) ? $"{network} overlaps pool.default.cidr, which is {pool}" : null;
    }

    private static ConfigError Wrong(ConfigValues values, ConfigKey key, string message) =>
        new(values.SourceOf(key), key.Name, message);
}
