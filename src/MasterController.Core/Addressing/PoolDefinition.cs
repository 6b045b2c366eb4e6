using MasterController.Core.HostNetwork;
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
/// <param name="AllowEarlyReuse">
/// Whether an exhausted pool gives the address that has cooled longest to another owner before its time.
/// </param>
/// <param name="KeptGateways">Former gateways that guests still use: answered by the host, never leased.</param>
/// <param name="Drains">Stretches that lease nothing new.</param>
/// <param name="Network">How its VMs are connected to the host; the same for as long as there is the pool.</param>
public sealed record PoolDefinition(
    string Name,
    IReadOnlyList<AddressRange> Ranges,
    TimeSpan Cooldown,
    AllocationStrategy Strategy,
    bool AllowVmToVm,
    long Version,
    bool AllowEarlyReuse,
    IReadOnlyList<KeptGateway> KeptGateways,
    IReadOnlyList<Drain> Drains,
    NetworkMode Network = NetworkMode.Routed
);

/// <summary>A gateway that was replaced; it retires when the last guest that was told of it has gone.</summary>
/// <param name="Network">The network whose guests were told of it.</param>
/// <param name="Since">When it was replaced: guests that booted and leases that began later were told another.</param>
public sealed record KeptGateway(Ipv4Address Address, Ipv4Network Network, DateTimeOffset Since);

/// <summary>Addresses from first to last, both inclusive, that lease nothing new.</summary>
/// <param name="OperationId">The operation that waits for the last of their leases to end.</param>
public sealed record Drain(Ipv4Address First, Ipv4Address Last, string OperationId);

public enum AllocationStrategy
{
    LowestFree,

    /// <summary>The one after that which was leased last; begins anew behind the pool's last address.</summary>
    Next,
    Random,

    /// <summary>Addresses that were never leased, lowest first; then the one that was given back longest ago.</summary>
    LeastRecentlyUsed,
}
