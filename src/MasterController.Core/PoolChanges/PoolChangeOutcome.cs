using MasterController.Core.Addressing;
using MasterController.Core.Operations;

namespace MasterController.Core.PoolChanges;

/// <summary>What became of a wish to change a pool.</summary>
public abstract record PoolChangeOutcome
{
    private PoolChangeOutcome() { }

    public sealed record Planned(PoolPlan Plan) : PoolChangeOutcome;

    /// <summary>Begun; the rest goes on without the caller.</summary>
    public sealed record Accepted(Operation Operation) : PoolChangeOutcome;

    /// <summary>It goes against the rules of pools; nothing was changed.</summary>
    public sealed record Refused(PoolOutcome Reason) : PoolChangeOutcome;

    public sealed record NoSuchPlan(string Plan) : PoolChangeOutcome;

    public sealed record HasConflicts(PoolPlan Plan) : PoolChangeOutcome;

    /// <summary>Another change of the pool is under way.</summary>
    public sealed record Changing(string Pool, string OperationId) : PoolChangeOutcome;

    /// <summary>Nothing of the pool waits to be confirmed.</summary>
    /// <param name="RolledBack">The change that was taken back because nobody confirmed it in time, if that was the last.</param>
    public sealed record NothingToConfirm(string Pool, Operation? RolledBack) : PoolChangeOutcome;
}
