using System.Diagnostics;
using System.Globalization;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Store;

public sealed class StoreCrashTests
{
    private const int Rounds = 20;

    [Fact]
    public async Task What_was_acknowledged_before_a_sigkill_is_there_exactly_once()
    {
        using var file = new StateFile();
        var random = new Random(20260401);
        Dictionary<string, string> acknowledged = [];
        Dictionary<string, string> givenBack = [];
        long version = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var lines = await RunAndKillAsync(file.Path, TimeSpan.FromMilliseconds(random.Next(1, 120)));
            Enter(lines, acknowledged, givenBack);
            version = Math.Max(version, lines.Max(VersionIn));

            await using var store = SqliteStateStore.Open(file.Path);
            var snapshot = await store.LoadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(snapshot.Leases.Count, snapshot.Leases.Select(l => l.Owner).Distinct().Count());
            Assert.Equal(snapshot.Leases.Count, snapshot.Leases.Select(l => l.Address).Distinct().Count());
            var stored = snapshot.Leases.ToDictionary(l => l.Owner, l => l.Address.ToString());
            foreach (var (owner, address) in acknowledged)
                Assert.Equal(address, stored.GetValueOrDefault(owner));
            Assert.DoesNotContain(stored.Keys, givenBack.ContainsKey);
            await AssertPeriodsAsync(store.History, snapshot, acknowledged, givenBack);
            await AssertVersionsAsync(store.History, snapshot, version);
        }
        Assert.NotEmpty(acknowledged);
        Assert.NotEmpty(givenBack);
        Assert.True(version > Rounds);
    }

    /// <summary>Whoever has an address has it since their one period began, and whoever gave it back had it once.</summary>
    private static async Task AssertPeriodsAsync(
        IStateHistory history,
        StoreSnapshot snapshot,
        Dictionary<string, string> acknowledged,
        Dictionary<string, string> givenBack
    )
    {
        var holders = snapshot.Leases.ToDictionary(l => l.Address.ToString(), l => l.Owner);
        foreach (var ofAddress in acknowledged.Concat(givenBack).GroupBy(o => o.Value))
        {
            var address = Ipv4Address.Parse(ofAddress.Key);
            var periods = await history.ReadLeasePeriodsAsync(address, TestContext.Current.CancellationToken);
            foreach (var (owner, _) in ofAddress)
                Assert.Equal(
                    acknowledged.ContainsKey(owner),
                    Assert.Single(periods, p => p.Owner == owner).Until is null
                );
            Assert.Equal(
                holders.GetValueOrDefault(ofAddress.Key),
                periods.SingleOrDefault(p => p.Until is null)?.Owner
            );
        }
    }

    /// <summary>Every definition there was, and what was stored with each in one commit.</summary>
    private static async Task AssertVersionsAsync(IStateHistory history, StoreSnapshot snapshot, long acknowledged)
    {
        var cancelled = TestContext.Current.CancellationToken;
        var stored = snapshot.Pools.SingleOrDefault(p => p.Name == CrashChild.ChangingPool)?.Version ?? 0;
        Assert.InRange(stored, acknowledged, acknowledged + Rounds);
        var expected = Enumerable.Range(1, (int)stored).Select(v => (long)v).ToArray();
        var versions = await history.ReadPoolVersionsAsync(CrashChild.ChangingPool, cancelled);
        Assert.Equal(expected, versions.Select(v => v.Definition.Version));
        var samples = await history.ReadUtilisationAsync(
            CrashChild.ChangingPool,
            SampleInterval.Minute,
            DateTimeOffset.MinValue,
            DateTimeOffset.MaxValue,
            cancelled
        );
        Assert.Equal(expected, samples.Select(s => s.Counts.Total));
        Assert.Equal(stored, snapshot.PoolChanges.SingleOrDefault()?.After.Version ?? 0);
    }

    /// <summary>Kills a child some time after its first line; what it said until then.</summary>
    private static async Task<List<string>> RunAndKillAsync(string path, TimeSpan life)
    {
        using var child = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!)
            {
                Environment = { [CrashChild.PathVariable] = path },
                RedirectStandardOutput = true,
            }
        )!;
        List<string> lines = [];
        try
        {
            lines.Add(await NextAsync(child) ?? throw new InvalidOperationException("the child said nothing"));
            var killing = KillAfterAsync(child, life);
            while (await NextAsync(child) is { } line)
                lines.Add(line);
            await killing;
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }
        return lines;
    }

    /// <summary>Enters who surely holds a lease, and who surely gave theirs back.</summary>
    private static void Enter(
        List<string> lines,
        Dictionary<string, string> acknowledged,
        Dictionary<string, string> givenBack
    )
    {
        foreach (var line in lines)
        {
            // The last line may have been cut off.
            if (
                line.Split(' ') is not [var sign, var owner, var address]
                || !address.StartsWith("10.0.", StringComparison.Ordinal)
            )
                continue;
            // Every third is given back at once; whether that was done when the kill came is open until it is said.
            if (sign == "-")
                givenBack.Add(owner, address);
            else if (int.Parse(owner.Split('-')[2]) % 3 != 0)
                acknowledged.Add(owner, address);
        }
    }

    private static long VersionIn(string line) =>
        line.Split(' ') is ["v", var version] ? long.Parse(version, CultureInfo.InvariantCulture) : 0;

    private static async Task<string?> NextAsync(Process child) =>
        await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

    private static async Task KillAfterAsync(Process child, TimeSpan life)
    {
        await Task.Delay(life, TestContext.Current.CancellationToken);
        child.Kill();
    }
}
