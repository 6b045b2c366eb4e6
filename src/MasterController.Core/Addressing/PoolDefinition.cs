using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>One CIDR of a pool. <see cref="First"/> and <see cref="Last"/> are inclusive.</summary>
/// <param name="Gateway">Null where the range has none: /31 and /32, or a gateway elsewhere.</param>
/// <param name="Reservations">Addresses and sub-ranges that are never leased automatically.</param>
public sealed record AddressRange(
    Ipv4Network Network,
    Ipv4Address First,
    Ipv4Address Last,
    Ipv4Address? Gateway,
    IReadOnlyList<Ipv4Network> Reservations
);

/// <summary>What an operator defines: everything about a pool but its leases.</summary>
/// <param name="Version">Counts the changes of this definition, from 1.</param>
/// <param name="AllowVmToVm">Whether VMs of this pool may reach each other.</param>
public sealed record PoolDefinition(
    string Name,
    IReadOnlyList<AddressRange> Ranges,
    TimeSpan Cooldown,
    AllocationStrategy Strategy,
    bool AllowVmToVm,
    long Version
);

public enum AllocationStrategy
{
    LowestFree,
}
