using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

/// <summary>Plan, ask, apply, follow: the way of every command that changes a pool.</summary>
public sealed class PoolChangeTests : IAsyncLifetime
{
    private const string Plans = "POST /api/v1/pools/default/plans";

    private const string Apply = "POST /api/v1/pools/default/plans/plan-3/apply";

    private const string Look = "GET /api/v1/operations/op-12";

    private static readonly ContractsJson Json = ContractsJson.Default;

    private FakeDaemon _daemon = null!;

    public async ValueTask InitializeAsync() =>
        _daemon = await FakeDaemon.StartAsync(script: daemon =>
            daemon
                .On(Plans, Json.PoolPlan, PlanSamples.Expand(), 201)
                .On(Apply, Json.Operation, PlanSamples.Operation("running"), 202)
                .On(
                    Look,
                    Json.Operation,
                    PlanSamples.Operation("running"),
                    PlanSamples.Operation("succeeded", "3 of 3 VMs answer")
                )
        );

    public ValueTask DisposeAsync() => _daemon.DisposeAsync();

    [Theory]
    [InlineData(
        "expand default 192.168.0.0/16 --gateway 192.168.0.9 --first 192.168.0.10 --last 192.168.9.9 --reserve 192.168.5.0/24 --reserve 192.168.6.1",
        """{"action":"expand","cidr":"192.168.0.0/16","first":"192.168.0.10","last":"192.168.9.9","gateway":"192.168.0.9","reservations":["192.168.5.0/24","192.168.6.1"],"version":null,"drain":null}"""
    )]
    [InlineData("expand default 10.0.0.0/8", """{"action":"expand","cidr":"10.0.0.0/8"}""")]
    [InlineData("shrink default 10.0.0.0/24", """{"action":"shrink","cidr":"10.0.0.0/24"}""")]
    [InlineData(
        "shrink default 10.0.0.0/24 --drain --gateway 10.0.0.9",
        """{"action":"shrink","cidr":"10.0.0.0/24","gateway":"10.0.0.9","drain":true}"""
    )]
    [InlineData(
        "add-range default 10.0.0.0/24 --last 10.0.0.99",
        """{"action":"add-range","cidr":"10.0.0.0/24","last":"10.0.0.99"}"""
    )]
    [InlineData("remove-range default 10.0.0.0/24", """{"action":"remove-range","cidr":"10.0.0.0/24"}""")]
    [InlineData(
        "remove-range default 10.0.0.0/24 --drain",
        """{"action":"remove-range","cidr":"10.0.0.0/24","drain":true}"""
    )]
    [InlineData("drain default 10.0.0.0/25", """{"action":"drain","cidr":"10.0.0.0/25"}""")]
    [InlineData("undrain default 10.0.0.0/25", """{"action":"undrain","cidr":"10.0.0.0/25"}""")]
    [InlineData("reserve default 10.0.0.9", """{"action":"reserve","cidr":"10.0.0.9"}""")]
    [InlineData("unreserve default 10.0.0.8/29", """{"action":"unreserve","cidr":"10.0.0.8/29"}""")]
    [InlineData("rollback default", """{"action":"rollback"}""")]
    [InlineData("rollback", """{"action":"rollback"}""")]
    [InlineData("rollback default 3 --drain", """{"action":"rollback","version":3,"drain":true}""")]
    [InlineData("rollback 3", """{"action":"rollback","version":3}""")]
    public async Task Each_command_asks_for_its_plan(string line, string body)
    {
        var run = await CliRun.Of(_daemon, ["pool", .. line.Split(' '), "--plan", "-q"]);

        Assert.Equal((0, "plan-3\n", ""), (run.Code, run.Out, run.Err));
        var asked = Assert.Single(_daemon.AskedFor);
        Assert.Equal(Plans, asked.Route);
        var sent = JsonSerializer.Deserialize(asked.Body, Json.CreatePlanRequest)!;
        var expected = JsonSerializer.Deserialize(body, Json.CreatePlanRequest)!;
        Assert.Equal(expected.Reservations, sent.Reservations);
        Assert.Equal(expected with { Reservations = null }, sent with { Reservations = null });
    }

    [Fact]
    public async Task With_yes_it_is_applied_and_told_with_its_proof_and_the_way_back()
    {
        var run = await CliRun.Of(_daemon, "pool", "expand", "default", "192.168.0.0/16", "--yes");

        Assert.Equal(0, run.Code);
        Assert.StartsWith("The range 192.168.100.0/24 of default grows to 192.168.0.0/16", run.Out);
        Assert.EndsWith(
            """
               7. probe

            default now leases from 192.168.0.0/16
            Capacity   253 → 65,533 (65,532 while 192.168.100.1 is kept)
            Proof      3 of 3 VMs answer
            Undo       mctl pool rollback default 7
            Operation  op-12

            """,
            run.Out
        );
        Assert.Equal("pool.expand default (op-12)\n[1/2] commit the pool\n[2/2] probe\ndone in 2.0 s\n", run.Err);
        Assert.Equal("", Assert.Single(_daemon.AskedFor, asked => asked.Route == Apply).Body);
        Assert.DoesNotContain(_daemon.AskedFor, asked => asked.Route == "GET /api/v1/pools/default");
    }

    [Theory]
    [InlineData("undrain", "default leases from 10.0.0.9 again", "mctl pool drain default 10.0.0.9")]
    [InlineData("reserve", "10.0.0.9 of default is reserved", "mctl pool rollback default 7")]
    [InlineData("unreserve", "10.0.0.9 of default is no longer reserved", "mctl pool rollback default 7")]
    [InlineData("rollback", "default now leases from 192.168.0.0/16", "mctl pool rollback default 7")]
    public async Task Each_change_says_what_has_become_of_it_and_how_to_undo_it(
        string action,
        string headline,
        string undo
    )
    {
        _daemon.On(Plans, Json.PoolPlan, PlanSamples.Expand() with { Action = action }, 201);

        string[] what = action == "rollback" ? ["6"] : ["10.0.0.9"];
        var run = await CliRun.Of(_daemon, ["pool", action, "default", .. what, "--yes"]);

        Assert.Equal(0, run.Code);
        Assert.Contains(headline, run.OutLines);
        Assert.Contains($"Undo       {undo}", run.OutLines);
    }

    [Fact]
    public async Task A_long_proof_fits()
    {
        var proof = $"3 of 3 VMs that answered before answer now; {new string('x', 42)} was leased and given back";
        _daemon.On(Look, Json.Operation, PlanSamples.Operation("succeeded", proof));

        var run = await CliRun.Of(_daemon, "pool", "expand", "default", "192.168.0.0/16", "--yes");

        Assert.Contains("           was leased and given back", run.OutLines);
        Assert.All(run.OutLines, line => Assert.InRange(line.Length, 0, 100));
    }

    [Theory]
    [InlineData("y")]
    [InlineData("Yes")]
    public async Task Somebody_who_says_yes_gets_it_applied(string answer)
    {
        var run = await AnswerAsync(answer, "pool", "expand", "default", "192.168.0.0/16");

        Assert.Equal(0, run.Code);
        Assert.StartsWith("Apply? [y/N] ", run.Err);
        Assert.Contains("VMs touched: 0", run.Out);
        Assert.Contains(_daemon.AskedFor, asked => asked.Route == Apply);
    }

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("yeah")]
    [InlineData(null)]
    public async Task Any_other_answer_changes_nothing(string? answer)
    {
        var run = await AnswerAsync(answer, "pool", "expand", "default", "192.168.0.0/16");

        Assert.Equal(1, run.Code);
        Assert.EndsWith("not applied; nothing was changed\n", run.Err);
        Assert.Equal(Plans, Assert.Single(_daemon.AskedFor).Route);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Where_nobody_can_be_asked_it_is_refused_before_anything(bool canType, bool canRead)
    {
        var surroundings = new Surroundings
        {
            Socket = _daemon.Socket,
            ErrIsTerminal = canRead,
            Typed = canType ? new Queue<string>(["y"]) : null,
        };

        var run = await CliRun.With(surroundings, "pool", "reserve", "default", "192.168.100.9");

        Assert.Equal((2, ""), (run.Code, run.Out));
        Assert.Contains("there is no terminal to ask on whether to apply the plan", run.Err);
        Assert.Empty(_daemon.AskedFor);
    }

    [Theory]
    [InlineData("-o", "json")]
    [InlineData("-q", null)]
    public async Task Whoever_is_asked_sees_the_plan_and_a_program_only_the_operation(string option, string? value)
    {
        string[] args =
        [
            "pool",
            "expand",
            "default",
            "192.168.0.0/16",
            option,
            .. value is null ? [] : (string[])[value],
        ];
        var run = await AnswerAsync("y", args);

        Assert.Equal(0, run.Code);
        Assert.Contains("VMs touched: 0", run.Err);
        if (value is null)
        {
            Assert.Equal("op-12\n", run.Out);
        }
        else
        {
            Assert.Equal("succeeded", JsonSerializer.Deserialize(run.Out, Json.Operation)!.Status);
        }
    }

    [Fact]
    public async Task For_a_program_that_says_yes_there_is_no_plan_at_all()
    {
        var run = await CliRun.Of(_daemon, "pool", "expand", "default", "192.168.0.0/16", "--yes", "-o", "json");

        Assert.Equal("op-12", JsonSerializer.Deserialize(run.Out, Json.Operation)!.Id);
        Assert.DoesNotContain("VMs touched", run.Err);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_plan_with_conflicts_is_shown_and_not_applied(bool json)
    {
        _daemon.On(Plans, Json.PoolPlan, PlanSamples.Blocked(), 201);

        string[] args =
        [
            "pool",
            "expand",
            "default",
            "192.168.0.0/16",
            "--yes",
            .. json ? ["-o", "json"] : Array.Empty<string>(),
        ];
        var run = await CliRun.Of(_daemon, args);

        Assert.Equal(4, run.Code);
        Assert.Contains("✗ overlap: 192.168.32.0/20 on br-2f1c (Docker)", json ? run.Err : run.Out);
        Assert.EndsWith("error: the plan cannot be applied: 1 conflict; nothing was changed\n", run.Err);
        Assert.Equal(json, run.Out.Length == 0);
        Assert.Single(_daemon.AskedFor);
    }

    [Fact]
    public async Task A_stale_plan_says_to_begin_again()
    {
        _daemon.Refuse(
            Apply,
            new Problem("/problems/plan-stale", "t", 409, "plan-3 was made for version 7 of default, which is at 8")
        );

        var run = await CliRun.Of(_daemon, "pool", "expand", "default", "192.168.0.0/16", "--yes");

        Assert.Equal(4, run.Code);
        Assert.Contains("error: plan-3 was made for version 7 of default, which is at 8\n", run.Err);
        Assert.Contains("give the command again for a new one", run.Err);
    }

    [Fact]
    public async Task A_bad_field_is_named_as_the_daemon_names_it()
    {
        var errors = new Dictionary<string, string[]> { ["gateway"] = ["10.0.0.1 is outside of 192.168.0.0/16"] };
        _daemon.Refuse(Plans, new Problem("/problems/invalid-request", "The request is not valid.", 400, null, errors));

        var run = await CliRun.Of(_daemon, "pool", "expand", "default", "192.168.0.0/16", "--plan");

        Assert.Equal(
            (2, "error: The request is not valid.\n  gateway: 10.0.0.1 is outside of 192.168.0.0/16\n"),
            (run.Code, run.Err)
        );
    }

    [Theory]
    [InlineData("rolled-back", "expand of default was rolled back: web-1 answered before and does not now")]
    [InlineData("failed", "expand of default failed: web-1 answered before and does not now")]
    public async Task One_that_is_taken_back_ends_with_1_and_says_why(string status, string error)
    {
        _daemon.On(
            Look,
            Json.Operation,
            PlanSamples.Operation(status, error: "web-1 answered before and does not now")
        );

        var run = await CliRun.Of(_daemon, "pool", "expand", "default", "192.168.0.0/16", "--yes");

        Assert.Equal(1, run.Code);
        Assert.EndsWith($"error: {error}\nhint: its steps: mctl operation show op-12\n", run.Err);
        Assert.DoesNotContain("Undo", run.Out);
    }

    [Fact]
    public async Task Not_waited_for_it_prints_what_has_been_begun()
    {
        var run = await CliRun.Of(_daemon, "pool", "remove-range", "default", "10.0.0.0/8", "-y", "--no-wait", "-q");

        Assert.Equal((0, "op-12\n"), (run.Code, run.Out));
        Assert.DoesNotContain(_daemon.AskedFor, asked => asked.Route == Look);
    }

    private Task<CliRun> AnswerAsync(string? answer, params string[] args) =>
        CliRun.With(
            new Surroundings
            {
                Socket = _daemon.Socket,
                OutIsTerminal = true,
                ErrIsTerminal = true,
                Typed = new Queue<string>(answer is null ? [] : [answer]),
            },
            args
        );
}
