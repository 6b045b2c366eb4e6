using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class OperationTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task Without_a_terminal_a_build_prints_a_line_for_each_step()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/images", Json.Operation, Samples.Operation("running", 0, "running", "pending"), 202);
        daemon.On(
            "GET /api/v1/operations/op-12",
            Json.Operation,
            Samples.Operation("running", 0.2, "running", "pending"),
            Samples.Operation("running", 0.7, "done", "running"),
            Samples.Operation("succeeded", 1)
        );

        var run = await CliRun.Of(daemon, "image", "build");

        Assert.Equal((0, ""), (run.Code, run.Out));
        Assert.Equal(
            "image.build golden (op-12)\n[1/2] fetch the kernel\n[2/2] build the root\ndone in 34 s\n",
            run.Err
        );
        Assert.Equal("""{"name":null}""", daemon.AskedFor[0].Body);
    }

    [Fact]
    public async Task On_a_terminal_it_draws_a_bar_with_the_step()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/operations/op-12",
            Json.Operation,
            // For longer than the bar takes to be drawn.
            [
                .. Enumerable.Repeat(Samples.Operation("running", 0.5, "done", "running"), 7),
                Samples.Operation("succeeded", 1),
            ]
        );
        var surroundings = new Surroundings
        {
            Socket = daemon.Socket,
            ErrIsTerminal = true,
            Environment = new() { ["TERM"] = "xterm" },
        };

        var run = await CliRun.With(surroundings, "operation", "wait", "op-12");

        Assert.Equal(0, run.Code);
        Assert.Contains("build the root", run.Err);
        Assert.Contains("50%", run.Err);
        Assert.Contains("\e[", run.Err);
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("rolled-back")]
    public async Task One_that_ends_badly_ends_with_1_and_says_why(string status)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var ended = Samples.Operation(status, 0.5, "done", "failed") with
        {
            Error = "no space left",
            Result = "53 files",
        };
        daemon.On("GET /api/v1/operations/op-12", Json.Operation, ended);

        var run = await CliRun.Of(daemon, "operation", "wait", "op-12");

        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.Contains($"error: image.build golden {status}: no space left\n", run.Err);
        Assert.Contains("hint: its steps: mctl operation show op-12\n", run.Err);
    }

    [Theory]
    [InlineData("", "nothing is leased any more\n")]
    [InlineData("-q", "op-12\n")]
    public async Task What_came_of_it_is_told(string option, string printed)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var ended = Samples.Operation("succeeded", 1) with { Result = "nothing is leased any more" };
        daemon.On("GET /api/v1/operations/op-12", Json.Operation, ended);

        var run = await CliRun.Of(daemon, [.. $"operation wait op-12 {option}".Trim().Split(' ')]);

        Assert.Equal((0, printed), (run.Code, run.Out));
    }

    [Fact]
    public async Task When_the_time_is_up_it_ends_with_6()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/operations/op-12",
            Json.Operation,
            Samples.Operation("running", 0.25, "running", "pending")
        );

        var run = await CliRun.Of(daemon, "operation", "wait", "op-12", "--wait", "1");

        Assert.Equal(6, run.Code);
        Assert.Contains("op-12 has not ended after 1.0 s (25 %); it goes on", run.Err);
    }

    [Fact]
    public async Task Ctrl_c_detaches_and_says_how_to_come_back()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var surroundings = new Surroundings { Socket = daemon.Socket };
        daemon.On("POST /api/v1/images", Json.Operation, Samples.Operation("running", 0, "running", "pending"), 202);
        daemon.On(
            "GET /api/v1/operations/op-12",
            context =>
            {
                surroundings.Interrupt.Trigger();
                return FakeDaemon.WriteAsync(context, Json.Operation, Samples.Operation("running", 0), 200);
            }
        );

        var run = await CliRun.With(surroundings, "image", "build");

        Assert.Equal(130, run.Code);
        Assert.EndsWith("the operation goes on; come back with: mctl operation wait op-12\n", run.Err);
    }

    [Fact]
    public async Task The_wait_outlives_a_lost_connection()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var times = 0;
        daemon.On(
            "GET /api/v1/operations/op-12",
            context =>
            {
                var time = Interlocked.Increment(ref times);
                if (time == 2)
                {
                    context.Abort();
                    return Task.CompletedTask;
                }

                var operation =
                    time == 1
                        ? Samples.Operation("running", 0, "running", "pending")
                        : Samples.Operation("succeeded", 1);
                return FakeDaemon.WriteAsync(context, Json.Operation, operation, 200);
            }
        );

        var run = await CliRun.Of(daemon, "operation", "wait", "op-12", "-o", "json");

        Assert.Equal(0, run.Code);
        Assert.Equal("succeeded", JsonSerializer.Deserialize(run.Out, Json.Operation)!.Status);
    }

    [Fact]
    public async Task A_build_that_is_not_waited_for_prints_its_id()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/images", Json.Operation, Samples.Operation("running", 0), 202);

        var run = await CliRun.Of(daemon, "image", "build", "mine", "--no-wait", "-q");

        Assert.Equal((0, "op-12\n"), (run.Code, run.Out));
        Assert.Equal("""{"name":"mine"}""", Assert.Single(daemon.AskedFor).Body);
    }

    [Fact]
    public async Task Show_marks_each_step_and_says_how_long_it_took()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var failed = Samples.Operation("failed", 0.5, "done", "failed") with { Result = "53 of 99 files" };
        daemon.On("GET /api/v1/operations/op-12", Json.Operation, failed);

        var run = await CliRun.Of(daemon, "operation", "show", "op-12");

        Assert.Contains("Progress  50 %", run.OutLines);
        Assert.Contains("Result    53 of 99 files", run.OutLines);
        Assert.Contains("Error     no space left", run.OutLines);
        Assert.Contains("  ✓ fetch the kernel  12 s", run.OutLines);
        Assert.Contains("  ✗ build the root", run.OutLines);
    }

    [Fact]
    public async Task Lists_of_operations_and_images_have_a_line_each()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/operations", Json.OperationList, new OperationList([Samples.Operation("succeeded", 1)]));
        var image = new Image("golden", "6.1.0", 53 * 1024 * 1024, "0123456789abcdef", Samples.Start);
        daemon.On("GET /api/v1/images", Json.ImageList, new ImageList([image, image with { Outdated = true }]));

        var operations = await CliRun.Of(daemon, "operation", "list");
        var images = await CliRun.Of(daemon, "image", "list");

        Assert.StartsWith("op-12  image.build  golden   succeeded     100 %  34 s", operations.OutLines[1]);
        Assert.StartsWith("golden  6.1.0   53.0 MiB  0123456789ab", images.OutLines[1]);
        Assert.DoesNotContain("(outdated)", images.OutLines[1]);
        Assert.EndsWith("(outdated)", images.OutLines[2]);
    }
}
