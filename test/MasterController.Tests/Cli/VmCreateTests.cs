using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class VmCreateTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task Every_option_reaches_the_request()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/vms", Json.Vm, Samples.Vm(), 202);

        var line =
            "vm create web-1 --type cli --image golden --owner ci --label a=1 --label b=x=y --address 192.168.100.9 "
            + "--vcpus 2 --memory 2G --pool p --restart on-failure --idempotency-key k1 --wait 7 "
            + "--egress-default deny --egress-allow 10.0.0.0/8 --egress-allow 8.8.8.8:53/udp --egress-deny 10.1.0.0/16 "
            + "--limit-out 10mbit --limit-in-packets 500";
        var run = await CliRun.Of(daemon, line.Split(' '));

        Assert.Equal((0, "web-1 running  192.168.100.2\n", ""), (run.Code, run.Out, run.Err));
        var asked = Assert.Single(daemon.AskedFor);
        var request = JsonSerializer.Deserialize(asked.Body, Json.CreateVmRequest)!;
        Assert.Equal(["a=1", "b=x=y"], request.Labels!.Select(label => $"{label.Key}={label.Value}"));
        Assert.Equal(
            new CreateVmRequest("web-1", "cli", "golden", "ci", null, "p", "192.168.100.9", 2, 2048, "on-failure"),
            request with
            {
                Labels = null,
                Egress = null,
                RateLimit = null,
            }
        );
        Assert.Equal(new RateLimit(1_250_000, InPacketsPerSecond: 500), request.RateLimit);
        Assert.Equal(("deny", 2), (request.Egress!.Default, request.Egress.Allow!.Count));
        Assert.Equal(["10.0.0.0/8", "8.8.8.8:53/udp"], request.Egress.Allow);
        Assert.Equal(["10.1.0.0/16"], request.Egress.Deny);
        Assert.Equal(("k1", "wait=7"), (asked.Headers["Idempotency-Key"], asked.Headers["Prefer"]));
    }

    [Fact]
    public async Task It_waits_until_the_vm_runs()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/vms", Json.Vm, Samples.Vm(status: "creating"), 202);
        daemon.On("GET /api/v1/vms/vm-web-1", Json.Vm, Samples.Vm(status: "starting"), Samples.Vm());

        var run = await CliRun.Of(daemon, "vm", "create", "web-1", "-o", "json");

        Assert.Equal("running", JsonSerializer.Deserialize(run.Out, Json.Vm)!.Status);
    }

    [Fact]
    public async Task Without_waiting_the_first_answer_is_printed()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/vms", Json.Vm, Samples.Vm(status: "creating"), 202);

        var run = await CliRun.Of(daemon, "vm", "create", "web-1", "--no-wait");

        Assert.Equal((0, "web-1 creating  192.168.100.2\n"), (run.Code, run.Out));
        Assert.DoesNotContain("Prefer", Assert.Single(daemon.AskedFor).Headers.Keys);
    }

    [Fact]
    public async Task A_vm_that_fails_ends_it_with_1_and_the_reason()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/vms", Json.Vm, Samples.Vm(status: "failed", reason: "kernel panic"), 202);

        var run = await CliRun.Of(daemon, "vm", "create", "web-1");

        Assert.Equal(1, run.Code);
        Assert.Equal("error: kernel panic\nhint: its last lines: mctl vm console web-1 --tail 50\n", run.Err);
    }

    [Fact]
    public async Task When_the_time_is_up_it_ends_with_6_and_says_how_to_look_again()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/vms", Json.Vm, Samples.Vm(status: "starting"), 202);
        daemon.On("GET /api/v1/vms/vm-web-1", Json.Vm, Samples.Vm(status: "starting"));

        var run = await CliRun.Of(daemon, "vm", "create", "web-1", "--wait", "1");

        Assert.Equal(6, run.Code);
        Assert.Contains("not running after 1.0 s (still starting); it goes on", run.Err);
        Assert.Contains("hint: look again with: mctl vm show web-1", run.Err);
    }

    [Fact]
    public async Task A_lost_answer_is_asked_for_again_with_the_same_key()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var times = 0;
        daemon.On(
            "POST /api/v1/vms",
            context =>
            {
                if (Interlocked.Increment(ref times) < 3)
                {
                    context.Abort();
                    return Task.CompletedTask;
                }

                return FakeDaemon.WriteAsync(context, Json.Vm, Samples.Vm(), 200);
            }
        );

        var run = await CliRun.Of(daemon, "vm", "create", "web-1");

        Assert.Equal(0, run.Code);
        Assert.Equal(3, daemon.AskedFor.Count);
        var key = Assert.Single(daemon.AskedFor.Select(asked => asked.Headers["Idempotency-Key"]).Distinct());
        Assert.StartsWith("mctl-", key);
    }

    [Fact]
    public async Task Two_creates_have_different_keys()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/vms", Json.Vm, Samples.Vm(), 202);

        await CliRun.Of(daemon, "vm", "create");
        await CliRun.Of(daemon, "vm", "create");

        Assert.Equal(2, daemon.AskedFor.Select(asked => asked.Headers["Idempotency-Key"]).Distinct().Count());
    }

    [Fact]
    public async Task A_count_makes_numbered_vms_each_with_a_key_of_its_own()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "POST /api/v1/vms",
            context =>
                FakeDaemon.WriteAsync(
                    context,
                    Json.Vm,
                    Samples.Vm(context.Request.Headers["Idempotency-Key"].ToString()),
                    202
                )
        );

        var run = await CliRun.Of(daemon, "vm", "create", "ci", "-n", "3", "--idempotency-key", "k", "-q");

        Assert.Equal((0, "k-1\nk-2\nk-3\n"), (run.Code, run.Out));
        var names = daemon.AskedFor.Select(asked => JsonSerializer.Deserialize(asked.Body, Json.CreateVmRequest)!.Name);
        Assert.Equal(["ci-1", "ci-2", "ci-3"], names.Order());
    }

    [Fact]
    public async Task Of_several_those_that_fail_are_named_and_the_others_made()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "POST /api/v1/vms",
            async context =>
            {
                var second = context
                    .Request.Headers["Idempotency-Key"]
                    .ToString()
                    .EndsWith("-2", StringComparison.Ordinal);
                var full = new Problem("/problems/pool-exhausted", "Full", 409, "all 253 addresses are in use");
                await (
                    second
                        ? FakeDaemon.WriteAsync(context, Json.Problem, full, 409)
                        : FakeDaemon.WriteAsync(context, Json.Vm, Samples.Vm("ci"), 202)
                );
            }
        );

        var run = await CliRun.Of(daemon, "vm", "create", "ci", "-n", "3", "-o", "json");

        Assert.Equal(4, run.Code);
        Assert.Equal(2, JsonSerializer.Deserialize(run.Out, Json.VmList)!.Total);
        Assert.StartsWith("error: ci-2: all 253 addresses are in use\n", run.Err);
    }

    [Fact]
    public async Task Ctrl_c_leaves_the_vm_to_the_daemon_and_says_so()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var surroundings = new Surroundings { Socket = daemon.Socket };
        daemon.On("POST /api/v1/vms", Json.Vm, Samples.Vm(status: "starting"), 202);
        daemon.On(
            "GET /api/v1/vms/vm-web-1",
            context =>
            {
                surroundings.Interrupt.Trigger();
                return FakeDaemon.WriteAsync(context, Json.Vm, Samples.Vm(status: "starting"), 200);
            }
        );

        var run = await CliRun.With(surroundings, "vm", "create", "web-1");

        Assert.Equal(130, run.Code);
        Assert.Contains("web-1 goes on starting; look with: mctl vm show web-1", run.Err);
    }

    [Theory]
    [InlineData("512", 512)]
    [InlineData("512M", 512)]
    [InlineData("512MiB", 512)]
    [InlineData("2g", 2048)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("1.5G", null)]
    [InlineData("G", null)]
    [InlineData("9999999999G", null)]
    [InlineData("", null)]
    public void Memory_is_read_in_mebibytes(string text, int? mebibytes) =>
        Assert.Equal(mebibytes, MasterController.Cli.Commands.CommonOptions.MebibytesOf(text));
}
