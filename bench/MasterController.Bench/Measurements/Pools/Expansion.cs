using System.Diagnostics;
using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;
using MasterController.Core.Addressing;
using MasterController.Core.Store;

namespace MasterController.Bench.Measurements.Pools;

/// <summary>
/// Growing a full /24 to a /8 beside growing one to a /16, in the same state file: memory, its entry in the history and
/// the commit; not what the operation does to the host's network.
/// </summary>
internal static class Expansion
{
    private const int Rounds = 30;
    private const int Leases = 250;

    private static readonly Goal _goal = new(AtMost: 1.5);

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        (string From, string To)[] growths = [("192.168.100.0/24", "192.168.0.0/16"), ("10.0.0.0/24", "10.0.0.0/8")];
        List<TimeSpan>[] times =
        [
            [],
            [],
        ];
        for (var round = -1; round < Rounds; round++)
        {
            // A file of its own for each round, so that neither finds more history than the other.
            var file = workplace.NewFile($"expand-{round}", "state.db");
            await using var store = SqliteStateStore.Open(file);
            using var pools = await StoredPools.LoadAsync(store);
            for (var i = 0; i < growths.Length; i++)
                await StoredPools.CreateAsync(pools, $"pool-{i}", growths[i].From, Leases);
            foreach (var i in (int[])(round % 2 == 0 ? [0, 1] : [1, 0]))
            {
                var next = Definitions.Grown(pools.Find($"pool-{i}")!, growths[i].To, TimeProvider.System.GetUtcNow());
                var began = Stopwatch.GetTimestamp();
                var outcome = await pools.RedefineAsync(next, "expand", operationId: null, [], default);
                var took = Stopwatch.GetElapsedTime(began);
                if (outcome is not PoolOutcome.Done)
                    throw new InvalidOperationException(outcome.ToString());
                if (round >= 0)
                    times[i].Add(took);
            }
        }
        var narrow = findings.Add(Figure.Milliseconds("expand /24 to /16", times[0]));
        findings.Compare(findings.Add(Figure.Milliseconds("expand /24 to /8", times[1])), narrow, _goal);
    }
}
