using System.Globalization;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.PoolChanges;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;

namespace MasterController.Tests.Store;

/// <summary>
/// What <see cref="StoreCrashTests"/> kills: leases and releases from eight callers at once, and says on its output
/// what was acknowledged, a line each, "+ owner address" and "- owner address". Beside them another pool gets one
/// definition after the other, each with all that the store keeps of it: "v version".
/// </summary>
internal static class CrashChild
{
    /// <summary>Names the state file in the environment; the test executable then runs this in place of tests.</summary>
    public const string PathVariable = "MASTER_CONTROLLER_CRASH_CHILD";

    public const string Pool = "default";
    public const string ChangingPool = "changing";
    public const string ChangeId = "op-change";
    private const int Callers = 8;

    public static async Task<int> RunAsync(string path)
    {
        await using var store = SqliteStateStore.Open(path);
        using var directory = new PoolDirectory(store, new EventHub(TimeProvider.System), TimeProvider.System);
        directory.Load(await store.LoadAsync(CancellationToken.None));
        if (directory.Find(Pool) is null)
        {
            var request = new PoolRequest(Pool, [new RangeRequest("10.0.0.0/16")], Cooldown: TimeSpan.Zero);
            await directory.CreateAsync(request, CancellationToken.None);
        }
        using var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        var version = directory.Find(ChangingPool)?.Version ?? 0;
        await Task.WhenAll([
            Task.Run(() => ChangeAsync(store, output, version + 1)),
            .. Enumerable.Range(0, Callers).Select(caller => Task.Run(() => WorkAsync(directory, output, caller))),
        ]);
        return 1;
    }

    private static async Task ChangeAsync(SqliteStateStore store, TextWriter output, long version)
    {
        var before = new PoolDefinition(ChangingPool, [], TimeSpan.Zero, default, false, version - 1, false, [], []);
        for (; ; version++)
        {
            var pool = before with { Version = version };
            var time = DateTimeOffset.UnixEpoch.AddMinutes(version);
            await store.CommitAsync(
                new StoreChange.PoolSaved(pool),
                new StoreChange.PoolVersionSaved(new PoolVersion(pool, time, "expand", ChangeId)),
                new StoreChange.PoolChangeSaved(
                    new PoolChange(
                        ChangeId,
                        ChangingPool,
                        new PoolChangeRequest(PoolAction.Expand),
                        before,
                        pool,
                        PoolChangePhase.Committed,
                        Replaced: [],
                        PutsBack: [],
                        Answered: [],
                        ConfirmWithin: null,
                        ConfirmBy: null,
                        Failure: null
                    )
                ),
                new StoreChange.UtilisationSaved(
                    new UtilisationSample(ChangingPool, time, new PoolCounts(version, 0, 0, 0, version)),
                    SampleInterval.Minute
                )
            );
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"v {version}"));
            before = pool;
        }
    }

    private static async Task WorkAsync(PoolDirectory directory, TextWriter output, int caller)
    {
        for (var i = 0; ; i++)
        {
            var owner = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{caller}-{i}");
            var outcome = await directory.LeaseAsync(Pool, owner, null, null, CancellationToken.None);
            if (outcome is not LeaseOutcome.Granted(var lease))
                continue;
            await output.WriteLineAsync($"+ {owner} {lease.Address}");
            if (i % 3 != 0)
                continue;
            await directory.ReleaseAsync(Pool, lease.Address, owner, null, CancellationToken.None);
            await output.WriteLineAsync($"- {owner} {lease.Address}");
        }
    }
}
