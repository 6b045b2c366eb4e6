using System.Globalization;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>One address held by one owner key.</summary>
public sealed record Lease(string Pool, Ipv4Address Address, string Owner, DateTimeOffset Since);

/// <summary>Who had an address from when to when.</summary>
/// <param name="Until">Null while it is held.</param>
/// <param name="OperationId">The operation that took it; null where a caller leased it by itself.</param>
public sealed record LeasePeriod(
    string Pool,
    Ipv4Address Address,
    string Owner,
    DateTimeOffset Since,
    DateTimeOffset? Until,
    string? OperationId
);

/// <summary>used + cooling + reserved + free = total, always.</summary>
public readonly record struct PoolCounts(long Total, long Used, long Cooling, long Reserved, long Free);

/// <summary>What became of a request for an address.</summary>
public abstract record LeaseOutcome
{
    private LeaseOutcome() { }

    public sealed record Granted(Lease Lease) : LeaseOutcome;

    /// <summary>The owner held a lease already; a retry after a lost reply ends here.</summary>
    public sealed record AlreadyHeld(Lease Lease) : LeaseOutcome;

    public sealed record NoSuchPool(string Pool) : LeaseOutcome;

    /// <summary>What the caller gave for <paramref name="Field"/> cannot be.</summary>
    public sealed record Invalid(string Field, string Message) : LeaseOutcome;

    public sealed record Exhausted(string Pool, PoolCounts Counts) : LeaseOutcome;

    /// <summary>The wanted address belongs to another owner.</summary>
    public sealed record AddressInUse(Ipv4Address Address, string Owner) : LeaseOutcome;

    /// <summary>The owner has a lease, but on another address than the one it now wants.</summary>
    public sealed record OwnerHoldsOther(Ipv4Address Wanted, Lease Held) : LeaseOutcome;

    public sealed record Cooling(Ipv4Address Address, DateTimeOffset Until) : LeaseOutcome;

    public sealed record Reserved(Ipv4Address Address, string Reason) : LeaseOutcome;

    public sealed record OutsidePool(Ipv4Address Address, IReadOnlyList<AddressRange> Ranges) : LeaseOutcome;
}

/// <summary>What became of giving an address back.</summary>
public abstract record ReleaseOutcome
{
    private ReleaseOutcome() { }

    public sealed record Released(Lease Lease) : ReleaseOutcome;

    public sealed record NoSuchPool(string Pool) : ReleaseOutcome;

    public sealed record NotLeased(Ipv4Address Address) : ReleaseOutcome;

    public sealed record HeldByOther(Ipv4Address Address, string Owner) : ReleaseOutcome;
}

/// <summary>What became of a pool that an operator wanted.</summary>
public abstract record PoolOutcome
{
    private PoolOutcome() { }

    public sealed record Done(PoolDefinition Pool) : PoolOutcome;

    public sealed record NoSuchPool(string Pool) : PoolOutcome;

    public sealed record NameTaken(string Pool) : PoolOutcome;

    /// <summary>Named fields with what is wrong with each ("ranges[0].cidr": "… has host bits set").</summary>
    public sealed record Invalid(IReadOnlyDictionary<string, string[]> Errors) : PoolOutcome;

    public sealed record Overlap(string Field, Ipv4Network Wanted, string OtherPool, Ipv4Network Other) : PoolOutcome;

    /// <summary>Pools in bridge mode would lease more addresses together than their one bridge has ports.</summary>
    /// <param name="Own">What this pool would lease.</param>
    /// <param name="Others">What the other pools in bridge mode lease.</param>
    public sealed record BridgeFull(string Pool, long Own, long Others, long Most) : PoolOutcome
    {
        /// <summary>Figures and the way on, for people.</summary>
        public string Words =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"the pool \"{Pool}\" would lease {Own:N0} addresses in bridge mode"
            )
            + (Others > 0 ? string.Create(CultureInfo.InvariantCulture, $" and other pools {Others:N0}") : "")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"; one bridge has {Most:N0} ports: take fewer, or a pool in routed mode, which has no such limit"
            );
    }

    /// <summary>A bridge of somebody else has the name of the one that pools in bridge mode need.</summary>
    /// <param name="Obstacle">What is in the way, and what to do about it.</param>
    public sealed record BridgeNotOurs(string Obstacle) : PoolOutcome;

    /// <summary>The pool cannot go while leases are out; these are the lowest of them, a thousand at most.</summary>
    public sealed record HasLeases(string Pool, IReadOnlyList<Lease> Leases) : PoolOutcome;

    /// <summary>The change was worked out against another version of the definition than there is now.</summary>
    public sealed record Stale(string Pool, long Expected, long Actual) : PoolOutcome;

    /// <summary>Leases lie outside of what the pool would become: all of them, in address order.</summary>
    public sealed record LeasesOutside(string Pool, IReadOnlyList<Lease> Leases) : PoolOutcome;
}
