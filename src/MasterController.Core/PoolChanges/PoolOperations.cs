using System.Collections.Concurrent;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.HostNetwork;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.PoolChanges;

/// <summary>
/// Changes pools under running VMs: plans what would happen, carries it out in numbered steps that survive a crash,
/// proves it on the wire and takes it back when that fails, when nobody confirms it, or when asked to.
/// </summary>
/// <remarks>
/// The order of a change: (1) check again; (2) save the intent; (3) wait for leases that stand in the way, where it was
/// asked to; (4) back up; (5) answer new gateways; (6) make the host ready for both definitions in one nftables
/// transaction; (7) commit the pool, and leave the host with the new one; (8) prove it; (9) wait for confirmation, where
/// that was asked for; (10) put back rules of others that were replaced by what a rollback goes behind. Taking it back goes the same way with the definitions exchanged.
/// </remarks>
public sealed partial class PoolOperations(
    IStateStore store,
    PoolDirectory pools,
    PoolNetworks networks,
    PoolPlanning planning,
    PoolBackups backups,
    PoolProof proof,
    GatewayUsers users,
    OperationJournal operations,
    EventHub events,
    BackgroundWork work,
    TimeProvider clock,
    ILogger<PoolOperations> logger
)
{
    /// <summary>Plans that are remembered; of more the oldest are forgotten.</summary>
    private const int PlansKept = 256;

    private readonly ConcurrentDictionary<string, PoolPlan> _plans = new();
    private readonly ConcurrentQueue<string> _planOrder = new();
    private readonly ConcurrentDictionary<string, RunningPoolChange> _running = new();
    private readonly PoolGates _gates = new();

    /// <summary>The operation that carries out a change of a pool and waits to be confirmed; null where there is none.</summary>
    public string? AwaitsConfirmation(string pool) =>
        _running
            .Values.FirstOrDefault(r => r.Change.Pool == pool && r.Change.Phase == PoolChangePhase.AwaitingConfirmation)
            ?.Change.OperationId;

    public PoolPlan? FindPlan(string pool, string id) =>
        _plans.TryGetValue(id, out var plan) && plan.Pool == pool ? plan : null;

    /// <summary>Works out a change and remembers it; changes nothing.</summary>
    /// <exception cref="HostNetworkException">The host network cannot be read.</exception>
    public async Task<PoolChangeOutcome> PlanAsync(
        string pool,
        PoolChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        var outcome = await planning.PlanAsync(pool, request, cancellationToken);
        if (outcome is PoolChangeOutcome.Planned { Plan: var plan })
        {
            _plans[plan.Id] = plan;
            _planOrder.Enqueue(plan.Id);
            while (_planOrder.Count > PlansKept && _planOrder.TryDequeue(out var oldest))
                _plans.TryRemove(oldest, out _);
        }
        return outcome;
    }

    /// <summary>Begins what was planned; returns when the intent is durable.</summary>
    /// <param name="confirmWithin">Taken back unless <see cref="Confirm"/> is called so soon after the proof.</param>
    /// <exception cref="StoreException">Not stored, and not begun.</exception>
    public async Task<PoolChangeOutcome> ApplyAsync(
        string pool,
        string planId,
        TimeSpan? confirmWithin,
        CancellationToken cancellationToken
    )
    {
        if (FindPlan(pool, planId) is not { } plan)
            return new PoolChangeOutcome.NoSuchPlan(planId);
        if (plan.Conflicts.Count > 0)
            return new PoolChangeOutcome.HasConflicts(plan);
        var run = operations.Begin(
            PoolActionName.KindOf(plan.Request.Action),
            pool,
            PoolChangeSteps.For(
                plan.Request,
                plan.LeasesOutside.Count > 0,
                confirmWithin is not null,
                plan.Restored.Count > 0
            )
        );
        RunningPoolChange? begun = null;
        try
        {
            if (_gates.TryEnter(pool, run.Id) is { } other)
                return new PoolChangeOutcome.Changing(pool, other);
            // 1
            PoolChangeOutcome? refusal = null;
            await run.StepAsync(
                PoolChangeSteps.Check,
                async token => (refusal, plan) = await CheckAgainAsync(plan, token),
                undo: null,
                cancellationToken
            );
            if (refusal is not null)
                return refusal;
            // 2
            var change = Intended(run.Id, plan, confirmWithin);
            await run.StepAsync(
                PoolChangeSteps.Intent,
                _ => store.CommitAsync(run.Record, new StoreChange.PoolChangeSaved(change)),
                undo: null,
                CancellationToken.None
            );
            begun = new RunningPoolChange(change, run);
        }
        finally
        {
            if (begun is null)
            {
                _gates.Leave(pool, run.Id);
                operations.Abandon(run);
            }
        }
        Go(begun);
        return new PoolChangeOutcome.Accepted(run.Current);
    }

    /// <summary>Keeps a change that would be taken back otherwise.</summary>
    public PoolChangeOutcome Confirm(string pool)
    {
        var waiting = _running.Values.FirstOrDefault(r => r.Change.Pool == pool && r.Change.ConfirmWithin is not null);
        if (waiting is not null && waiting.TryConfirm())
            return new PoolChangeOutcome.Accepted(waiting.Run.Current);
        var last = operations.List().FirstOrDefault(o => o.Subject == pool && PoolActionName.IsKind(o.Kind));
        return new PoolChangeOutcome.NothingToConfirm(
            pool,
            last is { Status: OperationStatus.RolledBack, Error: { } error } && error.StartsWith(NotConfirmed)
                ? last
                : null
        );
    }

    /// <summary>Deletes a pool that has no leases and is not being changed.</summary>
    public async Task<PoolChangeOutcome?> DeleteAsync(string pool, CancellationToken cancellationToken)
    {
        const string deletion = "deletion";
        if (_gates.TryEnter(pool, deletion) is { } other)
            return new PoolChangeOutcome.Changing(pool, other);
        try
        {
            var outcome = await networks.DeleteAsync(pool, cancellationToken);
            return outcome is PoolOutcome.Done ? null : new PoolChangeOutcome.Refused(outcome);
        }
        finally
        {
            _gates.Leave(pool, deletion);
        }
    }

    /// <summary>Gives up those former gateways of a pool that nobody uses, unless the pool is being changed.</summary>
    /// <returns>Whether it was not.</returns>
    internal async Task<bool> TryRetireGatewaysAsync(string pool)
    {
        if (_gates.TryEnter(pool, PoolVersion.RetireGateway) is not null)
            return false;
        try
        {
            await RetireGatewaysAsync(pool);
            return true;
        }
        finally
        {
            _gates.Leave(pool, PoolVersion.RetireGateway);
        }
    }

    private async Task RetireGatewaysAsync(string name)
    {
        if (pools.Find(name) is not { } pool)
            return;
        var used = pool.KeptGateways.Where(k => users.Of(name, k).Count > 0).ToArray();
        if (used.Length == pool.KeptGateways.Count)
            return;
        var next = pool with { KeptGateways = used, Version = pool.Version + 1 };
        var outcome = await pools.RedefineAsync(
            next,
            PoolVersion.RetireGateway,
            operationId: null,
            [],
            CancellationToken.None
        );
        if (outcome is not PoolOutcome.Done)
            throw Refused(outcome);
        await networks.SetAsync(replaced: []);
        foreach (var retired in pool.KeptGateways.Except(used))
        {
            events.Publish(
                "pool.gateway-retired",
                name,
                $"{retired.Address} is no gateway any longer: no guest uses it",
                new Dictionary<string, string> { ["gateway"] = retired.Address.ToString() }
            );
            LogRetired(name, retired.Address);
        }
    }

    /// <summary>What was planned may not be so any longer: the plan as it would be now, or the refusal.</summary>
    private async Task<(PoolChangeOutcome? Refusal, PoolPlan Plan)> CheckAgainAsync(
        PoolPlan plan,
        CancellationToken cancellationToken
    )
    {
        if (pools.Find(plan.Pool) is { } now && now.Version != plan.Before.Version)
            return (
                new PoolChangeOutcome.Refused(new PoolOutcome.Stale(plan.Pool, plan.Before.Version, now.Version)),
                plan
            );
        return await planning.PlanAsync(plan.Pool, plan.Request, cancellationToken) switch
        {
            PoolChangeOutcome.Planned { Plan: { Conflicts.Count: 0 } again } => (null, again),
            PoolChangeOutcome.Planned { Plan: var again } => (new PoolChangeOutcome.HasConflicts(again), plan),
            var refusal => (refusal, plan),
        };
    }

    private static PoolChange Intended(string operationId, PoolPlan plan, TimeSpan? confirmWithin) =>
        new(
            operationId,
            plan.Pool,
            plan.Request,
            plan.Before,
            plan.After,
            plan.Request.Action == PoolAction.Drain || plan.LeasesOutside.Count > 0
                ? PoolChangePhase.Marking
                : PoolChangePhase.Preparing,
            plan.Host.ForeignRules,
            [.. plan.Restored.Select(r => r.OperationId).Distinct()],
            Answered: [],
            confirmWithin,
            ConfirmBy: null,
            Failure: null
        );
}
