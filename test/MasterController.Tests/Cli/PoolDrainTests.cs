using MasterController.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Cli;

/// <summary>Changes that wait: for leases to end, and for somebody to confirm them.</summary>
public sealed class PoolDrainTests : IAsyncLifetime
{
    private const string Apply = "POST /api/v1/pools/default/plans/plan-3/apply";

    private const string Look = "GET /api/v1/operations/op-12";

    private const string Pool = "GET /api/v1/pools/default";

    private static readonly ContractsJson Json = ContractsJson.Default;

    private FakeDaemon _daemon = null!;

    public async ValueTask InitializeAsync() =>
        _daemon = await FakeDaemon.StartAsync(script: daemon =>
            daemon
                .On("POST /api/v1/pools/default/plans", Json.PoolPlan, PlanSamples.Shrink(applicable: true), 201)
                .On(Apply, Json.Operation, PlanSamples.Operation("running"), 202)
                .On(Look, Json.Operation, PlanSamples.Operation("running"))
        );

    public ValueTask DisposeAsync() => _daemon.DisposeAsync();

    [Fact]
    public async Task Drain_returns_when_it_has_begun_and_says_what_is_left()
    {
        PlanFor("drain");
        _daemon.On(Pool, Json.Pool, Samples.Pool(), Draining(12));

        var run = await CliRun.Of(_daemon, "pool", "drain", "default", "192.168.100.0/25", "--yes");

        Assert.Equal(0, run.Code);
        Assert.EndsWith(
            """

            default leases nothing new in 192.168.100.0/25; waiting for the end of 12 leases
            Look       mctl pool show default
            Wait       mctl operation wait op-12
            Undo       mctl pool undrain default 192.168.100.0/25
            Operation  op-12

            """,
            run.Out
        );
    }

    [Theory]
    [InlineData("--wait")]
    [InlineData("--wait=60")]
    public async Task Drain_waits_for_its_end_when_asked_to(string wait)
    {
        PlanFor("drain");
        _daemon.On(Pool, Json.Pool, Draining(2), Draining(1));
        _daemon.On(
            Look,
            Json.Operation,
            PlanSamples.Operation("running"),
            PlanSamples.Operation("running"),
            PlanSamples.Operation("succeeded")
        );

        var run = await CliRun.Of(_daemon, "pool", "drain", "default", "192.168.100.0/25", "--yes", wait);

        Assert.Equal(0, run.Code);
        Assert.Contains("waiting for the end of 2 leases\n", run.Err);
        Assert.Contains(
            "default leases nothing new in 192.168.100.0/25; nobody holds an address of it any more\n",
            run.Out
        );
    }

    [Fact]
    public async Task Drain_of_what_nobody_holds_has_ended_at_once()
    {
        PlanFor("drain");
        _daemon.On(Look, Json.Operation, PlanSamples.Operation("succeeded"));

        var run = await CliRun.Of(_daemon, "pool", "drain", "default", "192.168.100.0/25", "--yes");

        Assert.Equal(0, run.Code);
        Assert.Contains("nobody holds an address of it any more\n", run.Out);
    }

    [Fact]
    public async Task A_drain_that_goes_on_can_be_ended_by_leasing_from_its_addresses_again()
    {
        _daemon.On(Pool, Json.Pool, Draining(3));
        _daemon.On(
            Look,
            Json.Operation,
            PlanSamples.Operation("running"),
            PlanSamples.Operation("rolled-back", error: "its addresses are leased again (undrain)")
        );

        var run = await CliRun.Of(_daemon, "pool shrink default 192.168.100.0/24 --drain --yes".Split(' '));

        Assert.Equal(1, run.Code);
        Assert.Contains("waiting for the end of 3 leases\n", run.Err);
        Assert.Contains("shrink of default was rolled back: its addresses are leased again (undrain)\n", run.Err);
    }

    [Fact]
    public async Task Shrink_that_drains_takes_no_longer_than_it_may()
    {
        _daemon.On(Pool, Json.Pool, Draining(3));

        var run = await CliRun.Of(_daemon, "pool shrink default 192.168.100.0/24 --drain --yes --wait 1".Split(' '));

        Assert.Equal(6, run.Code);
        Assert.Contains("op-12 has not ended after 1.0 s", run.Err);
        Assert.Contains("hint: come back with: mctl operation wait op-12\n", run.Err);
    }

    [Fact]
    public async Task On_a_terminal_ctrl_c_leaves_it_going_on_and_it_is_said_before()
    {
        var surroundings = new Surroundings
        {
            Socket = _daemon.Socket,
            ErrIsTerminal = true,
            Environment = new() { ["TERM"] = "xterm" },
        };
        var looks = 0;
        _daemon.On(
            Pool,
            context =>
            {
                // For longer than the bar takes to be drawn.
                if (Interlocked.Increment(ref looks) == 6)
                {
                    surroundings.Interrupt.Trigger();
                }

                return FakeDaemon.WriteAsync(context, Json.Pool, Draining(12), 200);
            }
        );

        var run = await CliRun.With(surroundings, "pool shrink default 192.168.100.0/24 --drain --yes".Split(' '));

        Assert.Equal(130, run.Code);
        Assert.Contains("12 leases left; Ctrl-C leaves it going on", run.Err);
        Assert.EndsWith("the operation goes on; come back with: mctl operation wait op-12\n", run.Err);
    }

    [Fact]
    public async Task A_change_to_confirm_says_until_when_and_how()
    {
        _daemon.On(Pool, Json.Pool, Samples.Pool(), Samples.Pool() with { AwaitsConfirmation = "op-12" });
        _daemon.On(Look, Json.Operation, PlanSamples.Operation("running", "3 of 3 VMs answer"));
        var surroundings = new Surroundings
        {
            Socket = _daemon.Socket,
            Time = new FakeTimeProvider(Samples.Start) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) },
        };

        var running = CliRun.With(
            surroundings,
            "pool shrink default 192.168.100.0/24 --yes --confirm-within 5m".Split(' ')
        );
        var time = (FakeTimeProvider)surroundings.Time;
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        var run = await running;
        Assert.Equal(0, run.Code);
        Assert.Matches(
            "Confirm    by 2026-01-02 03:09:0[5-9]Z, or it is rolled back: mctl pool confirm default\n",
            run.Out
        );
        Assert.Contains("Proof      3 of 3 VMs answer\n", run.Out);
        Assert.Equal(
            """{"confirmWithinSeconds":300}""",
            Assert.Single(_daemon.AskedFor, asked => asked.Route == Apply).Body
        );
    }

    [Fact]
    public async Task Not_waited_for_it_is_still_said_that_it_has_to_be_confirmed()
    {
        var run = await CliRun.Of(
            _daemon,
            "pool shrink default 192.168.100.0/24 --yes --confirm-within 90s --no-wait".Split(' ')
        );

        Assert.Equal(0, run.Code);
        Assert.EndsWith(
            "it is rolled back unless you confirm it when it is proven: mctl pool confirm default\n",
            run.Err
        );
    }

    private static Pool Draining(long left) =>
        Samples.Pool() with
        {
            Drains =
            [
                new PoolDrain("192.168.100.0", "192.168.100.127", "op-12", left),
                new PoolDrain("192.168.200.0", "192.168.200.127", "op-9", 100),
            ],
        };

    private void PlanFor(string action) =>
        _daemon.On(
            "POST /api/v1/pools/default/plans",
            Json.PoolPlan,
            PlanSamples.Shrink(applicable: true) with
            {
                Action = action,
            },
            201
        );
}
