using System.Diagnostics;
using MasterController.Core.Store;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>What merely reading a state file costs: every lease and every VM, as the store gives them.</summary>
internal static class StoredVms
{
    public static async Task<TimeSpan> TimeReadingAsync(string file)
    {
        var began = Stopwatch.GetTimestamp();
        await using var store = SqliteStateStore.Open(file);
        var snapshot = await store.LoadAsync(CancellationToken.None);
        var leases = 0;
        foreach (var _ in snapshot.Leases)
            leases++;
        var took = Stopwatch.GetElapsedTime(began);
        return leases == snapshot.Vms.Count
            ? took
            : throw new InvalidOperationException($"{leases} leases of {snapshot.Vms.Count} VMs");
    }
}
