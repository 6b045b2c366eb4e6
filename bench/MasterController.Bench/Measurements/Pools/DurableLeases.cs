using System.Diagnostics;
using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;
using MasterController.Core.Addressing;
using MasterController.Core.Store;

namespace MasterController.Bench.Measurements.Pools;

/// <summary>
/// Durable leases by one caller and by 64, beside bare SQLite that writes the same rows as many a transaction as the
/// store had in that round. In turns, each turn in a fresh file.
/// </summary>
internal static class DurableLeases
{
    private const int Rounds = 7;

    /// <summary>
    /// Leases that are there before: enough for the write-ahead log to have been begun anew, so that nobody is measured
    /// while it grows, which makes each fsync wait for the file system's journal.
    /// </summary>
    private const int Prepared = 150_000;
    private const int PreparingCommits = 15;

    /// <summary>More than any side writes in one turn.</summary>
    private const int Owners = 1_500_000;

    private static readonly TimeSpan _time = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _warmup = TimeSpan.FromMilliseconds(200);
    private static readonly Goal _goal = new(AtLeast: 0.6);
    private static readonly PoolDefinition _definition = Definitions.Of(
        "bench",
        "10.0.0.0/8",
        TimeSpan.FromSeconds(30)
    );

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        var owners = new OwnerKeys(seed: 4).Take(Owners);
        foreach (var callers in (int[])[1, 64])
        {
            List<double> leases = [];
            List<double> rows = [];
            List<double> batches = [];
            for (var round = 0; round < Rounds; round++)
            {
                var directory = workplace.NewDirectory($"store-{callers}-{round}");
                var (rate, batch) = await LeaseAsync(Path.Combine(directory, "store.db"), callers, owners);
                leases.Add(rate);
                batches.Add(batch);
                var size = Math.Max(1, (int)Math.Round(batch));
                rows.Add(await WriteAsync(Path.Combine(directory, "bare.db"), size, owners));
            }
            var name = callers == 1 ? "1 caller" : $"{callers} callers";
            findings.Add(Figure.Of($"{name}: leases a transaction", "", batches));
            findings.Compare(
                findings.Add(Figure.Of($"{name}: durable leases", "/s", leases)),
                findings.Add(Figure.Of($"{name}: bare rows in as large transactions", "/s", rows)),
                _goal
            );
        }
    }

    private static async Task<(double Rate, double Batch)> LeaseAsync(string file, int callers, string[] owners)
    {
        await using var store = SqliteStateStore.Open(file);
        await PrepareAsync(store, owners);
        using var pools = await StoredPools.LoadAsync(store);
        var last = Prepared - 1;
        await CallAsync(_warmup);
        var transactions = await WalIndex.TransactionsAsync(file);
        var before = last;
        var began = Stopwatch.GetTimestamp();
        await CallAsync(_time);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        transactions = await WalIndex.TransactionsAsync(file) - transactions;
        var leases = (double)(last - before);
        return (leases / seconds, leases / transactions);

        Task CallAsync(TimeSpan time)
        {
            var start = Stopwatch.GetTimestamp();
            return Task.WhenAll(
                Enumerable
                    .Range(0, callers)
                    .Select(_ =>
                        Task.Run(async () =>
                        {
                            while (Stopwatch.GetElapsedTime(start) < time)
                                await StoredPools.LeaseAsync(
                                    pools,
                                    _definition.Name,
                                    owners[Interlocked.Increment(ref last)]
                                );
                        })
                    )
            );
        }
    }

    private static async Task PrepareAsync(SqliteStateStore store, string[] owners)
    {
        await store.CommitAsync(new StoreChange.PoolSaved(_definition));
        var address = _definition.Ranges[0].First.Value;
        var now = TimeProvider.System.GetUtcNow();
        foreach (var some in owners[..Prepared].Chunk(Prepared / PreparingCommits))
        {
            await store.CommitAsync([
                .. some.Select(o => new StoreChange.LeaseSaved(new(_definition.Name, new(address++), o, now))),
            ]);
        }
    }

    private static async Task<double> WriteAsync(string file, int batch, string[] owners)
    {
        await using (var store = SqliteStateStore.Open(file))
            await store.CommitAsync(new StoreChange.PoolSaved(_definition));
        using var bare = new BareSqlite(file);
        bare.Write(owners, Prepared / PreparingCommits, PreparingCommits);
        bare.Write(owners, batch, _warmup);
        var began = Stopwatch.GetTimestamp();
        var rows = bare.Write(owners, batch, _time);
        return rows / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
