using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class VmActionTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Theory]
    [InlineData("start", "running")]
    [InlineData("stop", "stopped")]
    [InlineData("restart", "running")]
    public async Task It_waits_until_each_vm_is_there_and_says_so(string verb, string wanted)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On($"POST /api/v1/vms/a/{verb}", Json.Vm, Samples.Vm("a", "starting"), 202);
        daemon.On("GET /api/v1/vms/vm-a", Json.Vm, Samples.Vm("a", "starting"), Samples.Vm("a", wanted));
        daemon.On($"POST /api/v1/vms/b/{verb}", Json.Vm, Samples.Vm("b", wanted), 202);

        var run = await CliRun.Of(daemon, "vm", verb, "a", "b", "a");

        Assert.Equal((0, ""), (run.Code, run.Err));
        Assert.Equal($"a {wanted}  192.168.100.2\nb {wanted}  192.168.100.2\n", run.Out);
    }

    [Fact]
    public async Task The_guests_time_goes_into_the_request()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/vms/a/stop", Json.Vm, Samples.Vm("a", "stopped"), 202);

        await CliRun.Of(daemon, "vm", "stop", "a", "--timeout", "0");
        await CliRun.Of(daemon, "vm", "stop", "a");

        Assert.Equal("""{"timeoutSeconds":0}""", daemon.AskedFor[0].Body);
        Assert.Equal("", daemon.AskedFor[1].Body);
    }

    [Fact]
    public async Task One_that_is_missing_does_not_stop_the_others()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/vms/b/start", Json.Vm, Samples.Vm("b"), 202);

        var run = await CliRun.Of(daemon, "vm", "start", "gone", "b", "-q");

        Assert.Equal((3, "b\n"), (run.Code, run.Out));
        Assert.StartsWith("error: gone: there is no /api/v1/vms/gone/start\n", run.Err);
    }

    [Fact]
    public async Task Delete_ends_when_the_vm_is_gone()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("DELETE /api/v1/vms/a", Json.Vm, Samples.Vm("a", "deleting"), 202);
        daemon.On(
            "DELETE /api/v1/vms/b",
            context =>
            {
                context.Response.StatusCode = 204;
                return Task.CompletedTask;
            }
        );

        var run = await CliRun.Of(daemon, "vm", "delete", "a", "b");

        Assert.Equal((0, "a deleted\nb deleted\n", ""), (run.Code, run.Out, run.Err));
    }

    [Fact]
    public async Task Delete_without_waiting_says_what_has_been_begun()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("DELETE /api/v1/vms/a", Json.Vm, Samples.Vm("a", "deleting"), 202);

        var run = await CliRun.Of(daemon, "vm", "delete", "a", "--no-wait");

        Assert.Equal("a deleting  192.168.100.2\n", run.Out);
    }

    [Fact]
    public async Task Delete_that_takes_too_long_ends_with_6()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("DELETE /api/v1/vms/a", Json.Vm, Samples.Vm("a", "deleting"), 202);
        daemon.On("GET /api/v1/vms/vm-a", Json.Vm, Samples.Vm("a", "deleting"));

        var run = await CliRun.Of(daemon, "vm", "delete", "a", "--wait", "1");

        Assert.Equal(6, run.Code);
        Assert.Contains("not deleted after 1.0 s (still deleting)", run.Err);
    }

    [Fact]
    public async Task All_of_them_are_only_deleted_with_yes()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms", Json.VmList, Samples.Vms(Samples.Vm("a"), Samples.Vm("b")));
        daemon.On("DELETE /api/v1/vms/a", Json.Vm, Samples.Vm("a", "deleting"), 202);
        daemon.On("DELETE /api/v1/vms/b", Json.Vm, Samples.Vm("b", "deleting"), 202);

        var refused = await CliRun.Of(daemon, "vm", "delete", "--all");
        var askedBefore = daemon.AskedFor.Count;
        var done = await CliRun.Of(daemon, "vm", "delete", "--all", "--yes");

        Assert.Equal(2, refused.Code);
        Assert.Contains("--all would delete 2 VMs with their disks; say --yes if you mean it", refused.Err);
        Assert.Equal(1, askedBefore);
        Assert.Equal("a deleted\nb deleted\n", done.Out);
    }

    [Fact]
    public async Task Show_names_every_field()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/web-1", Json.Vm, Samples.Vm(reason: "line 1\nline 2"));

        var run = await CliRun.Of(daemon, "vm", "show", "web-1");

        Assert.Contains("Name        web-1\n", run.Out);
        Assert.Contains("Reason      line 1\n            line 2\n", run.Out);
        Assert.Contains("Type        cli  (1 vCPU, 256 MiB)\n", run.Out);
        Assert.Contains("Label       app=shop\n", run.Out);
        Assert.Contains("Hypervisor  qemu  (pid 4711)\n", run.Out);
        Assert.Contains("Ready       2026-01-02 03:04:06Z  (1.5 s after the start)\n", run.Out);
    }

    [Fact]
    public async Task Show_as_json_is_the_contracts_object()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/web-1", Json.Vm, Samples.Vm());

        var run = await CliRun.Of(daemon, "vm", "show", "web-1", "-o", "json");

        var expected = JsonSerializer.SerializeToElement(Samples.Vm(), Json.Vm);
        Assert.True(JsonElement.DeepEquals(expected, JsonDocument.Parse(run.Out).RootElement));
    }
}
