using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>An address that was given, with what else that changed.</summary>
/// <param name="KnownBefore">The address that was entered for the owner before, or 0.</param>
/// <param name="FormerOwner">Where the address was cooling down: whose it was.</param>
/// <param name="WasKnown">Whether it would have been given back to the former owner, being another one.</param>
/// <param name="ReleasedTicks">Where the address was cooling down: since when.</param>
/// <param name="OrderMemo">As <see cref="AllocationOrder.Granted"/> gave it.</param>
internal readonly record struct LeaseGrant(
    Ipv4Address Address,
    uint KnownBefore,
    string? FormerOwner,
    bool WasKnown,
    long ReleasedTicks,
    long OrderMemo
);
