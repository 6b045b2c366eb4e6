using System.Security.Cryptography;
using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.PoolChanges;

/// <summary>Works out plans: the definition, what the host would have to change for it, and what speaks against it.</summary>
public sealed class PoolPlanning(
    PoolDirectory pools,
    PoolNetworks networks,
    IHostNetwork network,
    IStateHistory history,
    GatewayUsers users,
    PoolBackups backups,
    ExternalDirectory external,
    TimeProvider clock
)
{
    /// <summary>Changes nothing. <see cref="PoolChangeOutcome.Planned"/>, or the refusal.</summary>
    /// <exception cref="HostNetworkException">The host network cannot be read.</exception>
    public async Task<PoolChangeOutcome> PlanAsync(
        string pool,
        PoolChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        if (pools.Find(pool) is not { } before)
            return new PoolChangeOutcome.Refused(new PoolOutcome.NoSuchPool(pool));
        var versions = await VersionsForAsync(before, request, cancellationToken);
        var (outcome, summary) = Redefine(before, request, versions, operationId: "");
        if (outcome is not PoolOutcome.Done { Pool: var after })
            return new PoolChangeOutcome.Refused(outcome);

        var host = await network.SurveyAsync(
            networks.DesiredWith(after),
            pools.Pools.Where(p => p.Name != pool).Append(after).Sum(p => PoolStretches.Capacity(p, false)),
            cancellationToken
        );
        var outside = request.Action == PoolAction.Drain ? LeasesDrained(before, after) : LeasesOutside(before, after);
        var restored = Restored(request, versions, host);
        var (conflicts, warnings) = PlanConflicts.Find(request, before, after, host, outside);
        if (external.ReasonAgainst([.. pools.Pools.Where(p => p.Name != pool), after]) is var (key, reason))
            conflicts =
            [
                .. conflicts,
                new PlanNotice(PlanNotice.External, $"{key}: {reason}", $"change {key} in the configuration first"),
            ];
        return new PoolChangeOutcome.Planned(
            new PoolPlan(
                $"plan-{RandomNumberGenerator.GetHexString(12, lowercase: true)}",
                clock.GetUtcNow(),
                request,
                summary,
                before,
                after,
                new PoolCapacity(
                    PoolStretches.Capacity(before, whileGatewaysKept: false),
                    PoolStretches.Capacity(after, whileGatewaysKept: false),
                    PoolStretches.Capacity(after, whileGatewaysKept: true)
                ),
                Gateways(before, after),
                host,
                restored,
                outside,
                conflicts,
                warnings,
                PoolChangeSteps.For(
                    request,
                    mustWait: outside.Count > 0 && request.WaitsForLeases,
                    confirms: false,
                    putsBack: restored.Count > 0
                )
            )
        );
    }

    /// <summary>The definition that a request leads to from another, checked against all pools and leases there are.</summary>
    internal async Task<(PoolOutcome Outcome, string Summary)> RedefineAsync(
        PoolDefinition before,
        PoolChangeRequest request,
        string operationId,
        CancellationToken cancellationToken
    )
    {
        var versions = await VersionsForAsync(before, request, cancellationToken);
        return Redefine(before, request, versions, operationId);
    }

    private (PoolOutcome Outcome, string Summary) Redefine(
        PoolDefinition before,
        PoolChangeRequest request,
        IReadOnlyList<PoolVersion> versions,
        string operationId
    )
    {
        var planner = new PoolPlanner(before, versions, clock.GetUtcNow(), operationId);
        var outcome = planner.Plan(request, out var summary);
        if (outcome is PoolOutcome.Done { Pool: var after })
        {
            var others = pools.Pools.Where(p => p.Name != before.Name);
            outcome = ByRequestField(PoolRules.CheckRedefinition(after, [.. others]));
            if (outcome is PoolOutcome.Done)
                outcome = CheckGateways(before, after) ?? outcome;
        }
        return (outcome, summary);
    }

    /// <summary>Rules of others that were replaced by the changes that a rollback goes behind, newest first.</summary>
    private IReadOnlyList<RestoredRule> Restored(
        PoolChangeRequest request,
        IReadOnlyList<PoolVersion> versions,
        HostSurvey host
    )
    {
        if (request.Action != PoolAction.Rollback)
            return [];
        var target = PoolPlanner.RollbackTarget(versions, request.Version);
        return
        [
            .. versions
                .Where(v => v.Definition.Version > target?.Version)
                .Reverse()
                .Select(v => v.OperationId)
                .OfType<string>()
                .Distinct()
                .SelectMany(id => backups.ReplacedBy(id).Select(rule => new RestoredRule(id, rule)))
                .Where(r => !host.ForeignRules.Contains(r.Rule))
                .DistinctBy(r => r.Rule),
        ];
    }

    /// <summary>The pool's history, which rollbacks alone look at.</summary>
    private async Task<IReadOnlyList<PoolVersion>> VersionsForAsync(
        PoolDefinition pool,
        PoolChangeRequest request,
        CancellationToken cancellationToken
    ) => request.Action == PoolAction.Rollback ? await history.ReadPoolVersionsAsync(pool.Name, cancellationToken) : [];

    internal IReadOnlyList<Lease> LeasesOutside(PoolDefinition before, PoolDefinition after) =>
        [
            .. PoolStretches
                .Removed(before, after)
                .SelectMany(stretch => pools.LeasesIn(before.Name, stretch.First, stretch.Last)),
        ];

    private IReadOnlyList<Lease> LeasesDrained(PoolDefinition before, PoolDefinition after) =>
        [.. after.Drains.Except(before.Drains).SelectMany(d => pools.LeasesIn(before.Name, d.First, d.Last))];

    /// <summary>The rules name fields of the definition; whoever asked wrote "cidr" and "gateway".</summary>
    private static PoolOutcome ByRequestField(PoolOutcome outcome) =>
        outcome switch
        {
            PoolOutcome.Overlap overlap => overlap with { Field = "cidr" },
            PoolOutcome.Invalid invalid => new PoolOutcome.Invalid(
                invalid
                    .Errors.GroupBy(e => e.Key.EndsWith(".gateway", StringComparison.Ordinal) ? "gateway" : "cidr")
                    .ToDictionary(g => g.Key, g => g.SelectMany(e => e.Value).ToArray())
            ),
            _ => outcome,
        };

    /// <summary>What becomes a gateway must not be somebody's address.</summary>
    private PoolOutcome? CheckGateways(PoolDefinition before, PoolDefinition after)
    {
        foreach (var gateway in after.Ranges.Select(r => r.Gateway).OfType<Ipv4Address>())
        {
            if (pools.LeasesIn(before.Name, gateway, gateway) is [var lease])
                return new PoolOutcome.Invalid(
                    new Dictionary<string, string[]>
                    {
                        ["gateway"] = [$"{gateway} is leased to {lease.Owner}; choose another one"],
                    }
                );
        }
        return null;
    }

    private List<PlannedGateway> Gateways(PoolDefinition before, PoolDefinition after)
    {
        var present = Answered(before);
        var desired = Answered(after);
        return
        [
            .. desired.Except(present).Select(a => new PlannedGateway(a, GatewayChange.Add, [])),
            .. after.KeptGateways.Select(k => new PlannedGateway(
                k.Address,
                GatewayChange.Keep,
                users.Of(after.Name, k)
            )),
            .. present.Except(desired).Select(a => new PlannedGateway(a, GatewayChange.Remove, [])),
        ];
    }

    private static List<Ipv4Address> Answered(PoolDefinition pool) =>
        [.. PoolNetworks.Of(pool).SelectMany(n => n.Gateways).Distinct().Order()];
}
