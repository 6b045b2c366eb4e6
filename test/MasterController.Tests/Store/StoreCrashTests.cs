using System.Diagnostics;
using MasterController.Core.Store;
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
        HashSet<string> givenBack = [];
        for (var round = 0; round < Rounds; round++)
        {
            var owners = await RunAndKillAsync(file.Path, TimeSpan.FromMilliseconds(random.Next(1, 120)), acknowledged);
            givenBack.UnionWith(owners);

            await using var store = SqliteStateStore.Open(file.Path);
            var snapshot = await store.LoadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(snapshot.Leases.Count, snapshot.Leases.Select(l => l.Owner).Distinct().Count());
            Assert.Equal(snapshot.Leases.Count, snapshot.Leases.Select(l => l.Address).Distinct().Count());
            var stored = snapshot.Leases.ToDictionary(l => l.Owner, l => l.Address.ToString());
            foreach (var (owner, address) in acknowledged)
                Assert.Equal(address, stored.GetValueOrDefault(owner));
            Assert.DoesNotContain(stored.Keys, givenBack.Contains);
        }
        Assert.NotEmpty(acknowledged);
        Assert.NotEmpty(givenBack);
    }

    /// <summary>
    /// Kills a child some time after its first line. Owners that surely hold a lease are entered, those that may have
    /// given theirs back are removed, those that surely have are returned.
    /// </summary>
    private static async Task<List<string>> RunAndKillAsync(
        string path,
        TimeSpan life,
        Dictionary<string, string> acknowledged
    )
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

        List<string> givenBack = [];
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
                givenBack.Add(owner);
            else if (int.Parse(owner.Split('-')[2]) % 3 != 0)
                acknowledged.Add(owner, address);
        }
        return givenBack;
    }

    private static async Task<string?> NextAsync(Process child) =>
        await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

    private static async Task KillAfterAsync(Process child, TimeSpan life)
    {
        await Task.Delay(life, TestContext.Current.CancellationToken);
        child.Kill();
    }
}
