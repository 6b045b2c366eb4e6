using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Core.PoolChanges;

/// <summary>
/// A change that is under way, as the store keeps it: enough to finish or to undo it after a crash. It is there from
/// the intent until the operation has ended.
/// </summary>
/// <param name="Before">The definition that it began with, and that undoing it goes back to.</param>
/// <param name="After">The definition that it makes; worked out anew when a drain has ended.</param>
/// <param name="Replaced">Rules of others that ours replace.</param>
/// <param name="PutsBack">Operations whose replaced rules are put back at its end: those that a rollback goes behind.</param>
/// <param name="Answered">VMs that answered on the wire before anything was changed.</param>
/// <param name="ConfirmWithin">Rolled back unless it is confirmed so soon after it was proven; null where it need not.</param>
/// <param name="ConfirmBy">When that time ends; null before it has begun.</param>
/// <param name="Failure">Why it is being undone.</param>
public sealed record PoolChange(
    string OperationId,
    string Pool,
    PoolChangeRequest Request,
    PoolDefinition Before,
    PoolDefinition After,
    PoolChangePhase Phase,
    IReadOnlyList<ForeignRule> Replaced,
    IReadOnlyList<string> PutsBack,
    IReadOnlyList<Ipv4Address> Answered,
    TimeSpan? ConfirmWithin,
    DateTimeOffset? ConfirmBy,
    string? Failure
);

/// <summary>How far a change has come; each phase may be repeated after a crash.</summary>
public enum PoolChangePhase
{
    /// <summary>Leases stand in the way; their addresses are about to lease nothing new.</summary>
    Marking,

    /// <summary>Those addresses lease nothing new, and the end of the last lease is waited for.</summary>
    Draining,

    /// <summary>The host is being made ready for both definitions; the pool still has the old one.</summary>
    Preparing,

    /// <summary>The pool has the new definition; it is being proven.</summary>
    Committed,

    /// <summary>Proven; the operator has to confirm it.</summary>
    AwaitingConfirmation,

    /// <summary>It is being taken back.</summary>
    Undoing,
}
