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

    /// <summary>Leases that are there before, so that nobody is measured while the write-ahead log first grows.</summary>
    private const int Prepared = 150_000;
    private const int PreparedACommit = 10_000;

    /// <summary>More than any side writes in one turn.</summary>
    private const int Owners = 1_000_000;

    private static readonly TimeSpan _time = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _warmup = TimeSpan.FromMilliseconds(200);
    private static readonly Goal _goal = new(AtLeast: 0.6);
    private static readonly PoolDefinition _pool = Definitions.Of("bench", "10.0.0.0/8", TimeSpan.FromSeconds(30));

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        var owners = new OwnerKeys(seed: 4).Take(Owners);
        foreach (var callers in (int[])[1, 64])
        {
            List<Turn> turns = [];
            List<double> rows = [];
            for (var round = 0; round < Rounds; round++)
            {
                var directory = workplace.NewDirectory($"store-{callers}-{round}");
                turns.Add(await CallAsync(Path.Combine(directory, "store.db"), callers, owners));
                var batch = Math.Max(1, (int)Math.Round(turns[^1].Batch));
                rows.Add(await WriteAsync(Path.Combine(directory, "bare.db"), batch, owners));
            }
            var name = callers == 1 ? "1 caller" : $"{callers} callers";
            findings.Add(Figure.Of($"{name}: leases a transaction", "", turns.Select(t => t.Batch)));
            var leases = findings.Add(Figure.Of($"{name}: durable leases", "/s", turns.Select(t => t.Leases)));
            var releases = findings.Add(Figure.Of($"{name}: durable releases", "/s", turns.Select(t => t.Releases)));
            var bare = findings.Add(Figure.Of($"{name}: bare rows in as large transactions", "/s", rows));
            findings.Compare(leases, bare, _goal);
            findings.Compare(releases, bare);
        }
    }

    private static async Task<Turn> CallAsync(string file, int callers, string[] owners)
    {
        await using var store = SqliteStateStore.Open(file);
        await StoredPools.FillAsync(store, _pool, owners[..Prepared], PreparedACommit);
        using var pools = await StoredPools.LoadAsync(store);
        var calls = new LeaseCallers(pools, _pool.Name, callers, owners, Prepared);
        await calls.LeaseAsync(_warmup);
        var transactions = await WalIndex.TransactionsAsync(file);
        var before = pools.Counts(_pool.Name)!.Value.Used;
        var leases = await calls.LeaseAsync(_time);
        transactions = await WalIndex.TransactionsAsync(file) - transactions;
        var batch = (double)(pools.Counts(_pool.Name)!.Value.Used - before) / transactions;
        return new Turn(leases, await calls.ReleaseAsync(_time), batch);
    }

    private static async Task<double> WriteAsync(string file, int batch, string[] owners)
    {
        await using (var store = SqliteStateStore.Open(file))
            await store.CommitAsync(new StoreChange.PoolSaved(_pool));
        using var bare = new BareSqlite(file);
        bare.Write(owners, PreparedACommit, transactions: Prepared / PreparedACommit);
        bare.Write(owners, batch, _warmup);
        var began = Stopwatch.GetTimestamp();
        var rows = bare.Write(owners, batch, _time);
        return rows / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <param name="Leases">A second.</param>
    /// <param name="Releases">A second.</param>
    /// <param name="Batch">Leases a transaction.</param>
    private sealed record Turn(double Leases, double Releases, double Batch);
}
