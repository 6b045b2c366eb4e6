namespace MasterController.Daemon.Configuration;

public static partial class ConfigKeys
{
    public static readonly ConfigKey<int> QuotaVms = Quota(
        "max_vms",
        1_000_000,
        "How many VMs an owner may have, stopped ones included, where nothing else was set for it."
    );

    public static readonly ConfigKey<int> QuotaVcpus = Quota(
        "max_vcpus",
        1_000_000,
        "How many vCPUs an owner's VMs may have together that are not stopped or failed."
    );

    public static readonly ConfigKey<int> QuotaMemory = Quota(
        "max_memory_mib",
        int.MaxValue,
        "How much memory an owner's VMs may have together that are not stopped or failed, in MiB."
    );

    public static readonly ConfigKey<int> QuotaAddresses = Quota(
        "max_addresses",
        16_777_216,
        "How many addresses of pools an owner may have: one for each VM, and leases with its name as their key."
    );

    public static readonly ConfigKey<int> QuotaDedicated = Quota(
        "max_dedicated_addresses",
        1_000_000,
        "How many dedicated addresses an owner's VMs may have, IPv6 and IPv4."
    );

    private static ConfigKey<int> Quota(string name, int most, string summary) =>
        new(
            $"quota.{name}",
            0,
            $"0 to {most}; 0 is no limit",
            summary,
            w => ConfigReaders.Integer(w, 0, most),
            Shown,
            Reload.Live
        );
}
