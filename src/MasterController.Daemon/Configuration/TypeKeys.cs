using MasterController.Core.HostNetwork.Policies;

namespace MasterController.Daemon.Configuration;

/// <summary>The keys of one VM type.</summary>
public sealed record TypeKeys(
    string Name,
    ConfigKey<int> Vcpus,
    ConfigKey<int> MemoryMib,
    ConfigKey<string> Image,
    ConfigKey<string> EgressDefault,
    ConfigKey<IReadOnlyList<EgressRule>> EgressAllow,
    ConfigKey<IReadOnlyList<EgressRule>> EgressDeny,
    RateKeys Out,
    RateKeys In,
    ConfigKey<bool> Ipv6,
    ConfigKey<bool> RouterAdvertisements
)
{
    public IEnumerable<ConfigKey> All =>
        [
            Vcpus,
            MemoryMib,
            Image,
            EgressDefault,
            EgressAllow,
            EgressDeny,
            .. Out.All,
            .. In.All,
            Ipv6,
            RouterAdvertisements,
        ];
}

/// <summary>The keys of what guests of a type may send, or be sent.</summary>
public sealed record RateKeys(
    ConfigKey<int> Bytes,
    ConfigKey<int> BurstBytes,
    ConfigKey<int> Packets,
    ConfigKey<int> BurstPackets
)
{
    public IEnumerable<ConfigKey> All => [Bytes, BurstBytes, Packets, BurstPackets];
}
