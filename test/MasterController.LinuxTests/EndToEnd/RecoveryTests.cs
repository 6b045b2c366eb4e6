using MasterController.Contracts;
using MasterController.LinuxTests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>The controller may be killed at any instant; VMs and their traffic go on, and nothing is orphaned.</summary>
public sealed class RecoveryTests(BuiltImage image)
{
    [Fact]
    public async Task Vms_answer_without_a_gap_while_the_controller_is_killed_and_started_again()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();
        await host.Api.WaitReadyAsync(vm.Id);
        using var ping = host.Start("ping", "-q", "-i", "0.05", "-c", "100", "-W", "5", vm.Address);

        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await host.KillControllerAsync();
        await host.StartControllerAsync();

        Assert.Contains(
            " 0% packet loss",
            await ping.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)
        );
        var after = await host.Api.VmAsync(vm.Id);
        Assert.Equal(("running", vm.Pid), (after.Status, after.Pid));
    }

    [Fact]
    public async Task Sigterm_ends_in_order_and_leaves_vms_running()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();

        Assert.Equal(0, await host.TerminateControllerAsync());

        Assert.Equal([vm.Pid!.Value], host.VmProcesses());
        Assert.Equal([vm.Tap], host.Taps());
        await host.StartControllerAsync();
        Assert.Equal(vm.Pid, (await host.Api.VmAsync(vm.Id)).Pid);
    }

    [Fact]
    public async Task A_vm_that_died_while_no_controller_was_there_is_failed_afterwards()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();
        await host.Api.WaitReadyAsync(vm.Id);
        await host.KillControllerAsync();

        host.Run("kill", "-KILL", $"{vm.Pid}");
        await host.StartControllerAsync();

        var after = await host.Api.VmAsync(vm.Id);
        Assert.Equal("failed", after.Status);
        Assert.Contains("guest ready", after.StatusReason);
        Assert.Empty(host.Taps());
    }

    [Fact]
    public async Task An_adopted_vm_is_watched_and_can_be_stopped_and_deleted()
    {
        await using var host = await TestHost.StartAsync(image);
        var stopped = await host.Api.CreateAsync();
        var killed = await host.Api.CreateAsync();
        await host.Api.WaitReadyAsync(stopped.Id);
        await host.KillControllerAsync();
        await host.StartControllerAsync();

        host.Run("kill", "-KILL", $"{killed.Pid}");
        Assert.Equal("stopped", (await host.Api.ChangeAsync(stopped.Id, "stop", timeoutSeconds: 60)).Status);
        await Eventually.TrueAsync(
            async () => (await host.Api.VmAsync(killed.Id)).Status == "failed",
            "the end of an adopted VM is noticed"
        );
        await host.Api.DeleteAsync(stopped.Id);
        await host.Api.DeleteAsync(killed.Id);

        Assert.Empty(host.VmProcesses());
        Assert.Empty(host.Taps());
    }

    /// <summary>
    /// Creates, stops, starts and deletes race with a SIGKILL at a random instant, fifteen times over. After each
    /// start, store, kernel and processes tell the same story.
    /// </summary>
    [Fact]
    public async Task Killed_at_any_instant_nothing_is_lost_and_nothing_is_orphaned()
    {
        await using var host = await TestHost.StartAsync(image, "[pool.default]\ncooldown_seconds = 0");
        var random = new Random(20261122);
        for (var round = 0; round < 15; round++)
        {
            var known = await host.Api.VmsAsync();
            var wishes = known
                .Select(vm => WishAsync(host, vm, random.Next(4)))
                .Append(IgnoringTheKillAsync(() => host.Api.CreateAsync(waitSeconds: 0)))
                .Append(IgnoringTheKillAsync(() => host.Api.CreateAsync(waitSeconds: 0)))
                .ToArray();
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400)), TestContext.Current.CancellationToken);
            await host.KillControllerAsync();
            await Task.WhenAll(wishes);
            await host.StartControllerAsync();
            await AssertConsistentAsync(host, round);
        }
    }

    private static async Task AssertConsistentAsync(TestHost host, int round)
    {
        IReadOnlyList<Vm> vms = [];
        await Eventually.TrueAsync(
            async () =>
            {
                vms = await host.Api.VmsAsync();
                return vms.All(v => v.Status is "running" or "stopped" or "failed");
            },
            $"round {round}: every VM has settled"
        );
        Assert.True(vms.All(v => v.Status != "failed"), string.Join('\n', vms.Select(v => v.StatusReason)));
        var running = vms.Where(v => v.Status == "running").ToArray();
        Assert.Equal(running.Select(v => v.Pid!.Value).Order(), host.VmProcesses().Order());
        Assert.Equal(running.Select(v => v.Tap).Order(StringComparer.Ordinal), host.Taps());
        Assert.Equal(vms.Count, vms.Select(v => v.Address).Distinct().Count());
        Assert.Equal(vms.Count, (await host.Api.PoolAsync()).Used);
        Assert.Equal(
            vms.Select(v => v.Id).Order(StringComparer.Ordinal),
            System
                .IO.Directory.EnumerateDirectories(Path.Combine(host.StateDirectory, "vms"))
                .Select(d => Path.GetFileName(d)!)
                .Order(StringComparer.Ordinal)
        );
        var routes = host.Run("ip", "-4", "route", "show");
        Assert.All(running, vm => Assert.Contains($"{vm.Address} dev {vm.Tap}", routes));
    }

    private static Task WishAsync(TestHost host, Vm vm, int wish) =>
        IgnoringTheKillAsync(() =>
            wish switch
            {
                0 => host.Api.DeleteAsync(vm.Id, waitSeconds: 0),
                1 when vm.Status == "running" => host.Api.ChangeAsync(vm.Id, "stop", timeoutSeconds: 0),
                1 => host.Api.ChangeAsync(vm.Id, "start"),
                2 => host.Api.ChangeAsync(vm.Id, "restart", timeoutSeconds: 0),
                _ => Task.CompletedTask,
            }
        );

    private static async Task IgnoringTheKillAsync(Func<Task> wish)
    {
        try
        {
            await wish();
        }
        catch (HttpRequestException)
        {
            // The controller was killed before it answered.
        }
    }
}
