using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.PoolChanges;
using Lease = MasterController.Core.Addressing.Lease;
using PlanNotice = MasterController.Core.PoolChanges.PlanNotice;

namespace MasterController.Daemon.Errors;

internal static partial class Problems
{
    public static ProblemResult From(PoolOutcome refusal) =>
        refusal switch
        {
            PoolOutcome.NoSuchPool no => NotFound("pool", no.Pool),
            PoolOutcome.NameTaken taken => Conflict(
                ProblemTypes.NameTaken,
                "The name is taken.",
                $"There is a pool \"{taken.Pool}\" already."
            ),
            PoolOutcome.Invalid invalid => Invalid(invalid.Errors),
            PoolOutcome.Overlap overlap => new ProblemResult(
                Of(
                    ProblemTypes.PoolOverlap,
                    "The range overlaps with another.",
                    409,
                    $"{overlap.Wanted} overlaps with {overlap.Other} of the pool \"{overlap.OtherPool}\"."
                ) with
                {
                    Errors = new Dictionary<string, string[]>
                    {
                        [overlap.Field] = [$"overlaps with {overlap.Other} of the pool \"{overlap.OtherPool}\""],
                    },
                }
            ),
            PoolOutcome.BridgeFull full => Conflict(
                ProblemTypes.BridgeFull,
                "One bridge takes no more.",
                $"{char.ToUpperInvariant(full.Words[0])}{full.Words[1..]}."
            ),
            PoolOutcome.BridgeNotOurs bridge => Conflict(
                ProblemTypes.BridgeNotOurs,
                "The bridge belongs to somebody else.",
                $"{bridge.Obstacle}."
            ),
            PoolOutcome.HasLeases has => Conflict(
                ProblemTypes.PoolHasLeases,
                "The pool has leases.",
                $"{has.Leases.Count} leases of the pool \"{has.Pool}\" are out: {Named(has.Leases)}"
            ),
            PoolOutcome.Stale stale => Conflict(
                ProblemTypes.PlanStale,
                "The pool has changed since.",
                $"The plan was made against version {stale.Expected} of the pool \"{stale.Pool}\", which has version {stale.Actual} now; make it anew."
            ),
            PoolOutcome.LeasesOutside outside => Conflict(
                ProblemTypes.LeasesOutside,
                "Leases lie outside of what the pool would become.",
                $"{outside.Leases.Count} leases of the pool \"{outside.Pool}\" stand in the way: {Named(outside.Leases)}"
            ),
            _ => throw new System.Diagnostics.UnreachableException(NotARefusal),
        };

    public static ProblemResult From(PoolChangeOutcome refusal) =>
        refusal switch
        {
            PoolChangeOutcome.Refused refused => From(refused.Reason),
            PoolChangeOutcome.NoSuchPlan no => NotFound("plan", no.Plan),
            PoolChangeOutcome.HasConflicts { Plan: var plan } => Conflict(
                plan.Conflicts.All(c => c.Code == PlanNotice.LeasesOutside)
                    ? ProblemTypes.LeasesOutside
                    : ProblemTypes.PlanConflicts,
                "Something stands in the way.",
                string.Join("; ", plan.Conflicts.Select(c => c.Fix is null ? c.Message : $"{c.Message} ({c.Fix})"))
            ),
            PoolChangeOutcome.Changing changing => new ProblemResult(
                Of(
                    ProblemTypes.PoolChanging,
                    "The pool is being changed.",
                    409,
                    $"The pool \"{changing.Pool}\" is being changed by {changing.OperationId}; wait for its end."
                ) with
                {
                    OperationId = changing.OperationId,
                },
                retryAfter: TimeSpan.FromSeconds(1)
            ),
            PoolChangeOutcome.NothingToConfirm { RolledBack: { } late } => new ProblemResult(
                Of(
                    ProblemTypes.ConfirmTooLate,
                    "It is too late to confirm.",
                    409,
                    $"{late.Id} of the pool \"{late.Subject}\" has been rolled back: {late.Error}."
                ) with
                {
                    OperationId = late.Id,
                }
            ),
            PoolChangeOutcome.NothingToConfirm nothing => Conflict(
                ProblemTypes.WrongState,
                "Nothing waits to be confirmed.",
                $"No change of the pool \"{nothing.Pool}\" waits to be confirmed."
            ),
            _ => throw new System.Diagnostics.UnreachableException(NotARefusal),
        };

    private static string Named(IReadOnlyList<Lease> leases) =>
        string.Join(", ", leases.Take(NamedLeases).Select(l => $"{l.Address} ({l.Owner})"))
        + (leases.Count > NamedLeases ? ", …" : "");
}
