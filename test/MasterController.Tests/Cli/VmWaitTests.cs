using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class VmWaitTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    private static Vm NotReady => Samples.Vm("a") with { ReadyAt = null };

    [Fact]
    public async Task By_default_it_waits_until_the_guest_is_ready_and_not_only_until_it_runs()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a", Json.Vm, Samples.Vm("a", "starting"));
        daemon.On("GET /api/v1/vms/vm-a", Json.Vm, Samples.Vm("a", "starting"), NotReady, Samples.Vm("a"));

        var run = await CliRun.Of(daemon, "vm", "wait", "a");

        Assert.Equal((0, "a running  192.168.100.2\n", ""), (run.Code, run.Out, run.Err));
        Assert.Equal(4, daemon.AskedFor.Count);
    }

    [Theory]
    [InlineData("running")]
    [InlineData("stopped")]
    public async Task It_waits_for_a_status(string status)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a", Json.Vm, Samples.Vm("a", "stopping"));
        daemon.On("GET /api/v1/vms/vm-a", Json.Vm, NotReady with { Status = status });

        var run = await CliRun.Of(daemon, "vm", "wait", "a", "--for", status, "-o", "json");

        Assert.Equal(0, run.Code);
        Assert.Equal(status, Assert.Single(JsonSerializer.Deserialize(run.Out, Json.VmList)!.Items).Status);
    }

    [Fact]
    public async Task Deleted_is_reached_when_there_is_no_such_vm_whatever_it_was_before()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a", Json.Vm, Samples.Vm("a", "failed"));

        var run = await CliRun.Of(daemon, "vm", "wait", "a", "never-was", "--for", "deleted");

        Assert.Equal((0, "a deleted\nnever-was deleted\n", ""), (run.Code, run.Out, run.Err));
    }

    [Fact]
    public async Task A_vm_that_fails_ends_it_with_1_and_the_reason()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a", Json.Vm, Samples.Vm("a", "starting"));
        daemon.On("GET /api/v1/vms/vm-a", Json.Vm, Samples.Vm("a", "failed", "kernel panic"));

        var run = await CliRun.Of(daemon, "vm", "wait", "a", "--for", "stopped");

        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.StartsWith("error: a: kernel panic\n", run.Err);
    }

    [Fact]
    public async Task When_the_time_is_up_it_ends_with_6()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a", Json.Vm, NotReady);
        daemon.On("GET /api/v1/vms/vm-a", Json.Vm, NotReady);

        var run = await CliRun.Of(daemon, "vm", "wait", "a", "--timeout", "1");

        Assert.Equal(6, run.Code);
        Assert.Contains("a: not ready after 1.0 s (still running)", run.Err);
    }

    [Fact]
    public async Task A_vm_that_is_not_there_is_not_found_and_does_not_stop_the_others()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/b", Json.Vm, Samples.Vm("b"));

        var run = await CliRun.Of(daemon, "vm", "wait", "a", "b", "-q");

        Assert.Equal((3, "b\n"), (run.Code, run.Out));
    }

    [Fact]
    public async Task Another_state_is_refused_with_those_there_are()
    {
        var run = await CliRun.Offline("vm", "wait", "a", "--for", "failed");

        Assert.Equal(2, run.Code);
        Assert.Contains("'failed' is none of ready, running, stopped, deleted", run.Err);
    }

    [Fact]
    public async Task Create_can_wait_until_the_guest_is_ready()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/vms", Json.Vm, NotReady, 202);
        daemon.On("GET /api/v1/vms/vm-a", Json.Vm, NotReady, Samples.Vm("a"));

        var run = await CliRun.Of(daemon, "vm", "create", "a", "--wait-ready");

        Assert.Equal((0, 3), (run.Code, daemon.AskedFor.Count));
    }

    [Fact]
    public async Task Create_cannot_wait_for_ready_and_not_wait()
    {
        var run = await CliRun.Offline("vm", "create", "a", "--wait-ready", "--no-wait");

        Assert.Equal(2, run.Code);
        Assert.Contains("--wait-ready and --no-wait exclude each other", run.Err);
    }
}
