using System.Net.Http;
using MasterController.Contracts;
using MasterController.LinuxTests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>
/// The controller is killed while it changes the pool under real VMs, in each step and at growing times after it was
/// told to. The next one finishes the change or takes it back, and nobody in the network notices.
/// </summary>
public sealed class GrowthCrashTests(BuiltImage image)
{
    private const string Small = "192.168.100.0/24";
    private const string Large = "192.168.0.0/16";
    private static readonly CreatePlanRequest Back = new("rollback", Version: 1);
    private static readonly int[] Delays = [0, 2, 5, 10, 20, 40, 80, 160];

    private readonly List<string> _kills = [];

    [Fact]
    public async Task A_change_is_finished_or_taken_back_whenever_the_controller_is_killed()
    {
        await using var host = await TestHost.StartAsync(image, "[pool.default]\ncooldown_seconds = 0");
        var vms = await host.RunVmsAsync(2);
        await using var stream = await NumberStream.StartAsync(host, vms[0]);
        await using var pings = FloodPing.Start(host, vms, perSecond: 100);

        foreach (var delay in Delays)
            await GoAndComeBackAsync(host, vms, _ => WaitAsync(delay));
        var steps = (await host.Api.PlanAsync(GrowthTests.To16)).Steps;
        foreach (var step in steps)
            await GoAndComeBackAsync(host, vms, begun => StepAsync(host, begun, step));
        await DrainAsync(host, vms);
        await UnconfirmedAsync(host, vms);

        foreach (var kills in _kills.GroupBy(k => k))
            TestContext.Current.TestOutputHelper?.WriteLine($"{kills.Count()} kills: {kills.Key}");
        Assert.True(_kills.Count >= 2 * Delays.Length, $"{_kills.Count} kills");
        await pings.NothingIsLostAsync($"{_kills.Count} kills");
        await stream.IsCompleteAsync();
    }

    /// <summary>Grows the pool and takes it back, with a kill in both.</summary>
    private async Task GoAndComeBackAsync(
        TestHost host,
        IReadOnlyList<Vm> vms,
        Func<Task<Operation>, Task<string>> instant
    )
    {
        await KillDuringAsync(host, GrowthTests.To16, instant);
        await AgreesAsync(host, vms);
        if (await NetworksAsync(host) == Small)
            return;
        await KillDuringAsync(host, Back, instant);
        await AgreesAsync(host, vms);
        if (await NetworksAsync(host) == Large)
            await host.Api.ChangeAsync(Back);
        await AgreesAsync(host, vms);
    }

    private async Task KillDuringAsync(
        TestHost host,
        CreatePlanRequest request,
        Func<Task<Operation>, Task<string>> instant
    )
    {
        var former = (await host.Api.PoolOperationsAsync()).Count;
        var plan = await host.Api.PlanAsync(request);
        var applying = host.Api.ApplyAsync(plan);
        var when = await instant(applying);
        await host.KillControllerAsync();
        var accepted = await HasAnswerAsync(applying);
        await host.StartControllerAsync();

        var changes = await host.Api.PoolOperationsAsync();
        // What was answered is durable; what was not may be there or not.
        Assert.InRange(changes.Count, former + (accepted ? 1 : 0), former + 1);
        var outcome = "never begun";
        if (changes.Count > former)
        {
            var ended = await host.Api.EndAsync(changes[0]);
            Assert.True(ended.Status is "succeeded" or "rolled-back", $"{when}: {ended.Status}, {ended.Error}");
            var isLarge = ended.Status == "succeeded" == (request == GrowthTests.To16);
            Assert.Equal(isLarge ? Large : Small, await NetworksAsync(host));
            outcome = ended.Status;
        }
        _kills.Add($"{plan.Action} {when}: {outcome}");
    }

    private static async Task<string> WaitAsync(int milliseconds)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds));
        return $"{milliseconds} ms after the request";
    }

    /// <summary>Waits until a step has begun, and says which was the last that had: they are fast.</summary>
    private static async Task<string> StepAsync(TestHost host, Task<Operation> begun, string step)
    {
        var operation = await begun;
        while (operation.EndedAt is null && operation.Steps.Single(s => s.Name == step).Status == "pending")
            operation = await host.Api.OperationAsync(operation.Id);
        var seen = operation.Steps.Last(s => s.Status != "pending");
        return $"{(seen.Status == "running" ? "in" : "after")} \"{seen.Name}\"";
    }

    /// <summary>A lease on the new part is waited for across a kill, and then the pool shrinks.</summary>
    private async Task DrainAsync(TestHost host, IReadOnlyList<Vm> vms)
    {
        await host.Api.ChangeAsync(GrowthTests.To16);
        var lease = await host.Api.LeaseAsync("printer");
        Assert.Equal("192.168.0.2", lease.Address);
        var plan = await host.Api.PlanAsync(Back with { Drain = true });
        var begun = await host.Api.ApplyAsync(plan);
        await KillAsync(host, await StepAsync(host, Task.FromResult(begun), "wait for leases to end"));
        Assert.Equal("running", (await host.Api.OperationAsync(begun.Id)).Status);
        await host.Api.ReleaseAsync(lease);
        Assert.Equal("succeeded", (await host.Api.EndAsync(begun)).Status);
        await AgreesAsync(host, vms);
        Assert.Equal(Small, await NetworksAsync(host));
    }

    /// <summary>The time to confirm runs out under another controller than the one that began it.</summary>
    private async Task UnconfirmedAsync(TestHost host, IReadOnlyList<Vm> vms)
    {
        var begun = await host.Api.ApplyAsync(await host.Api.PlanAsync(GrowthTests.To16), confirmWithinSeconds: 10);
        await KillAsync(host, await StepAsync(host, Task.FromResult(begun), "wait for confirmation"));
        Assert.Equal(begun.Id, (await host.Api.PoolAsync()).AwaitsConfirmation);
        Assert.Equal(Large, await NetworksAsync(host));
        var ended = await host.Api.EndAsync(begun);
        Assert.Equal(("rolled-back", "not confirmed within 10 s"), (ended.Status, ended.Error));
        await AgreesAsync(host, vms);
        Assert.Equal(Small, await NetworksAsync(host));
    }

    private async Task KillAsync(TestHost host, string when)
    {
        await host.KillControllerAsync();
        await host.StartControllerAsync();
        _kills.Add(when);
    }

    /// <summary>Store, API and kernel tell the same, the next lease is right, the VMs are those that there were.</summary>
    private static async Task AgreesAsync(TestHost host, IReadOnlyList<Vm> vms)
    {
        await host.AssertUntouchedAsync(vms);
        var networks = await NetworksAsync(host);
        Assert.Equal([networks], host.FirewallSet("pool_networks"));
        // A gateway that nobody uses any more retires by itself; until then a plan could be made against it.
        string[] gateways = networks == Large ? ["192.168.0.1", "192.168.100.1"] : ["192.168.100.1"];
        await Eventually.TrueAsync(
            async () =>
                host.GatewayAddresses().SequenceEqual(gateways)
                && (await host.Api.PoolAsync()).KeptGateways.Count == gateways.Length - 1,
            $"the gateways are {string.Join(", ", gateways)}"
        );
        var pool = await host.Api.PoolAsync();
        Assert.Equal(vms.Count, pool.Used);
        Assert.Empty(pool.Drains);
        var history = await host.Api.PoolHistoryAsync();
        Assert.Equal(pool.Version, history.Single(v => v.Current).Version);
        Assert.Equal(pool.Ranges.Select(r => r.Cidr), history[^1].Ranges.Select(r => r.Cidr));

        var lease = await host.Api.LeaseAsync("printer");
        Assert.Equal(networks == Large ? "192.168.0.2" : "192.168.100.4", lease.Address);
        await host.Api.ReleaseAsync(lease);
    }

    private static async Task<string> NetworksAsync(TestHost host) =>
        string.Join(", ", (await host.Api.PoolAsync()).Ranges.Select(r => r.Cidr));

    private static async Task<bool> HasAnswerAsync(Task<Operation> applying)
    {
        try
        {
            await applying;
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
