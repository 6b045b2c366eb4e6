using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Configuration;

/// <summary>What no key can check by itself, because it holds between keys.</summary>
internal static class ConfigRules
{
    public static IEnumerable<ConfigError> Check(ConfigValues values)
    {
        var network = values.Get(ConfigKeys.PoolCidr);
        foreach (
            var key in (ReadOnlySpan<ConfigKey<Ipv4Address?>>)
                [ConfigKeys.PoolGateway, ConfigKeys.PoolFirst, ConfigKeys.PoolLast]
        )
        {
            if (values.Get(key) is { } address && !network.Contains(address))
                return [Wrong(values, key, $"{address} is not in pool.default.cidr, which is {network}")];
        }
        List<ConfigError> errors = [];
        if (
            values.Get(ConfigKeys.PoolFirst) is { } first
            && values.Get(ConfigKeys.PoolLast) is { } last
            && last < first
        )
            errors.Add(Wrong(values, ConfigKeys.PoolLast, $"{last} lies before pool.default.first, which is {first}"));
        foreach (var reserved in values.Get(ConfigKeys.PoolReservations).Where(r => !network.Contains(r)))
            errors.Add(
                Wrong(
                    values,
                    ConfigKeys.PoolReservations,
                    $"{reserved} is not in pool.default.cidr, which is {network}"
                )
            );
        foreach (var family in values.Get(ConfigKeys.Dns).GroupBy(resolver => resolver.IsIpv6))
            if (family.Count() > VmSettings.MostResolvers)
                errors.Add(
                    Wrong(
                        values,
                        ConfigKeys.Dns,
                        $"{family.Count()} of {(family.Key ? "IPv6" : "IPv4")}; a guest is told {VmSettings.MostResolvers} name servers of each family"
                    )
                );
        var type = values.Get(ConfigKeys.DefaultType);
        if (!values.Types.Contains(type))
            errors.Add(
                Wrong(
                    values,
                    ConfigKeys.DefaultType,
                    $"there is no type \"{type}\"{Suggestion.For(type, [.. values.Types])}"
                )
            );
        foreach (var keys in values.Types.Select(ConfigKeys.ForType))
        {
            var rules = values.Get(keys.EgressAllow).Count + values.Get(keys.EgressDeny).Count;
            if (rules > EgressPolicy.MostRules)
                errors.Add(
                    Wrong(
                        values,
                        keys.EgressAllow,
                        $"{rules} rules in egress_allow and egress_deny; at most {EgressPolicy.MostRules}"
                    )
                );
        }
        errors.AddRange(ExternalRules.Check(values));
        errors.AddRange(AccessRules.Check(values));
        return errors;
    }

    private static ConfigError Wrong(ConfigValues values, ConfigKey key, string message) =>
        new(values.SourceOf(key), key.Name, message);
}
