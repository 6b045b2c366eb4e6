using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;

namespace MasterController.Bench.Measurements.Pools;

/// <summary>What the controller keeps in memory for a pool of which nothing is leased.</summary>
internal static class EmptyPool
{
    /// <summary>At once, because a single one is lost in what the heap does by itself.</summary>
    private const int Copies = 16;

    private const double Kibibyte = 1 << 10;

    private static readonly Goal _goal = new(AtMost: 1);

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        await using var store = SqliteStateStore.Open(workplace.NewFile("size", "state.db"));
        Measure(store, "10.0.0.0/8"); // What comes into being with the first pool is not any pool's.
        var limit = findings.Add(Figure.Of("limit of memory", "KiB", 4 * Kibibyte));
        foreach (var network in (string[])["192.168.100.0/24", "192.168.0.0/16", "10.0.0.0/8"])
        {
            var (allocated, live) = Measure(store, network);
            var name = $"empty {network[network.IndexOf('/')..]}";
            findings.Compare(findings.Add(Figure.Of($"{name}: allocated", "KiB", allocated)), limit, _goal);
            findings.Compare(findings.Add(Figure.Of($"{name}: live", "KiB", live)), limit, _goal);
        }
    }

    private static (double Allocated, double Live) Measure(SqliteStateStore store, string network)
    {
        var snapshot = StoreSnapshot.Empty with
        {
            Pools = [Definitions.Of("bench", network, TimeSpan.FromSeconds(30))],
        };
        var events = new EventHub(TimeProvider.System);
        var directories = new PoolDirectory[Copies];
        var liveBefore = GC.GetTotalMemory(forceFullCollection: true);
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Copies; i++)
        {
            directories[i] = new PoolDirectory(store, events, TimeProvider.System);
            directories[i].Load(snapshot);
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        var live = GC.GetTotalMemory(forceFullCollection: true) - liveBefore;
        foreach (var directory in directories)
            directory.Dispose();
        return (allocated / Kibibyte / Copies, live / Kibibyte / Copies);
    }
}
