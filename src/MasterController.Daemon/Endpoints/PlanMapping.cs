using MasterController.Contracts;
using MasterController.Core.HostNetwork;
using MasterController.Core.PoolChanges;
using PlanNotice = MasterController.Core.PoolChanges.PlanNotice;
using PoolPlan = MasterController.Core.PoolChanges.PoolPlan;
using PoolVersion = MasterController.Core.Addressing.PoolVersion;

namespace MasterController.Daemon.Endpoints;

/// <summary>Plans and what became of them, as the contract shows them.</summary>
internal static class PlanMapping
{
    private const int LeasesShown = 1000;

    public static Contracts.PoolPlan Plan(PoolPlan plan) =>
        new(
            plan.Id,
            plan.Pool,
            PoolActionName.Of(plan.Request.Action),
            plan.Summary,
            plan.Before.Version,
            plan.CreatedAt,
            new PlanCapacity(plan.Capacity.Before, plan.Capacity.After, plan.Capacity.WhileGatewaysKept),
            [.. plan.Before.Ranges.Select(Mapping.Range)],
            [.. plan.After.Ranges.Select(Mapping.Range)],
            [
                .. plan.Gateways.Select(g => new PlanGateway(
                    g.Address.ToString(),
                    Names.Of(g.Change),
                    [.. g.Users.Take(PoolView.UsersNamed)],
                    g.Users.Count
                )),
            ],
            [.. plan.Host.Changes.Concat(plan.Restored.Select(r => r.Change)).Select(Change)],
            [.. plan.Conflicts.Select(Notice)],
            [.. plan.Warnings.Select(Notice)],
            VmsTouched: 0,
            [
                .. plan
                    .LeasesOutside.Take(LeasesShown)
                    .Select(l =>
                        Mapping.Lease(l, plan.Before.Ranges.First(r => r.First <= l.Address && l.Address <= r.Last))
                    ),
            ],
            plan.LeasesOutside.Count,
            plan.Steps,
            Applicable: plan.Conflicts.Count == 0
        );

    public static Contracts.PoolVersion Version(PoolVersion version, long present) =>
        new(
            version.Definition.Version,
            version.Time,
            version.Action,
            version.OperationId,
            [.. version.Definition.Ranges.Select(Mapping.Range)],
            [.. version.Definition.KeptGateways.Select(k => k.Address.ToString())],
            PoolStretches.Capacity(version.Definition, whileGatewaysKept: true),
            version.Definition.Version == present,
            version.By
        );

    public static PlanChange Change(HostChange change) =>
        new(change.Object, Names.Of(change.Kind), change.Text, change.Command);

    private static Contracts.PlanNotice Notice(PlanNotice notice) => new(notice.Code, notice.Message, notice.Fix);
}
