using MasterController.Contracts;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;

namespace MasterController.Daemon.Endpoints;

/// <summary>The host network and what differs in it, as the contract shows them.</summary>
internal static class NetworkMapping
{
    private const int MostShown = 1000;

    public static NetworkStatus Status(
        IHostNetwork network,
        IReadOnlyList<PoolNetwork> networks,
        NetworkHealth health,
        IReadOnlyList<HostLimit> limits
    ) =>
        new(
            network.CanAttach ? "routed" : "none",
            network.Uplink,
            [
                .. networks.Select(n => new NetworkPool(
                    n.Network.ToString(),
                    [.. n.Gateways.Select(g => g.ToString())],
                    n.AllowVmToVm
                )),
            ],
            health is { Last: { } last, LastAt: { } at }
                ? new NetworkObserved(at, last.Took.TotalSeconds, last.Desired, last.Present ?? 0)
                : null,
            health.Failure,
            new DriftCounts(health.Open.Count(e => e.Difference.IsOurs), health.Open.Count(e => !e.Difference.IsOurs)),
            [.. limits.Select(l => new NetworkLimit(l.Name, l.Value, l.Needed, l.Message, l.Fix))]
        );

    public static NetworkDrift Drift(DriftEntry entry) =>
        new(
            DriftNames.Of(entry.Difference.Object),
            entry.Difference.Name,
            entry.Difference.Expected,
            entry.Difference.Found,
            entry.Difference.Owner ?? DriftNames.Ours,
            entry.Difference.By,
            entry.Since,
            entry.Observations,
            DriftNames.Of(entry.State),
            entry.Ended,
            entry.Failure,
            entry.Difference.Advice
        );

    public static NetworkRepair Repair(RepairResult result, bool isPlan) =>
        new(
            isPlan,
            [.. result.Changes.Take(MostShown).Select(PlanMapping.Change)],
            result.Changes.Count,
            [.. result.Ended.Take(MostShown).Select(Drift)],
            result.Ended.Count,
            [.. result.Open.Take(MostShown).Select(Drift)]
        );
}
