using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;
using MasterController.Core.Store;

namespace MasterController.Bench.Measurements.Pools;

/// <summary>
/// A pool with a million leases opened from its state file, beside merely reading those rows. Each in a fresh process, as
/// a controller starts, and in turns; the file is in the page cache for all of them.
/// </summary>
internal static class Opening
{
    private const int Leases = 1_000_000;
    private const int LeasesACommit = 10_000;
    private const int Rounds = 9;

    private static readonly Goal _goal = new(AtMost: 1.5);

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        var file = workplace.NewFile("open", "state.db");
        await using (var store = SqliteStateStore.Open(file))
        {
            var pool = Definitions.Of("bench", "10.0.0.0/8", TimeSpan.FromSeconds(30));
            await StoredPools.FillAsync(store, pool, new OwnerKeys(seed: 3).Take(Leases), LeasesACommit);
        }
        List<double>[] times = [.. FreshProcess.Tasks.Select(_ => new List<double>())];
        for (var round = -1; round < Rounds; round++)
        for (var i = 0; i < times.Length; i++)
        {
            var milliseconds = await FreshProcess.RunAsync(FreshProcess.Tasks[i], file);
            if (round >= 0)
                times[i].Add(milliseconds);
        }
        Figure[] figures =
        [
            .. FreshProcess.Tasks.Zip(
                times,
                (task, taken) => findings.Add(Figure.Of($"{Leases:N0} leases: {task}", "ms", taken))
            ),
        ];
        findings.Compare(figures[0], figures[1], _goal);
        findings.Compare(figures[0], figures[2]);
    }
}
