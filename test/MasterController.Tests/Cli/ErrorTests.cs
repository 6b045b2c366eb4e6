using System.Reflection;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class ErrorTests
{
    public static TheoryData<string, int, int, string> Problems =>
        new()
        {
            { ProblemTypes.InvalidRequest, 400, 2, "" },
            { ProblemTypes.NotFound, 404, 3, "mctl vm list" },
            { ProblemTypes.Unauthenticated, 401, 4, "MASTER_CONTROLLER_KEY" },
            { ProblemTypes.Forbidden, 403, 4, "mctl whoami" },
            { ProblemTypes.TooManyRequests, 429, 4, "wait a little" },
            { ProblemTypes.QuotaExceeded, 409, 4, "mctl quota show" },
            { ProblemTypes.MethodNotAllowed, 405, 1, "--version" },
            { ProblemTypes.TooLarge, 413, 2, "" },
            { ProblemTypes.UnsupportedMediaType, 415, 1, "--version" },
            { ProblemTypes.NameTaken, 409, 4, "mctl vm list -q" },
            { ProblemTypes.PoolExhausted, 409, 4, "mctl pool show" },
            { ProblemTypes.AddressInUse, 409, 4, "mctl lease list" },
            { ProblemTypes.AddressCooling, 409, 4, "mctl pool show" },
            { ProblemTypes.AddressReserved, 409, 4, "mctl pool show" },
            { ProblemTypes.AddressOutsidePool, 400, 2, "mctl pool show" },
            { ProblemTypes.PoolOverlap, 409, 4, "mctl pool list" },
            { ProblemTypes.PoolHasLeases, 409, 4, "mctl lease list --pool" },
            { ProblemTypes.BridgeFull, 409, 4, "--network bridge" },
            { ProblemTypes.BridgeNotOurs, 409, 4, "mctl net adopt --plan" },
            { ProblemTypes.PlanStale, 409, 4, "mctl pool history" },
            { ProblemTypes.PlanConflicts, 409, 4, "--plan" },
            { ProblemTypes.LeasesOutside, 409, 4, "mctl lease list --pool" },
            { ProblemTypes.ConfirmTooLate, 409, 4, "mctl pool history" },
            { ProblemTypes.PoolChanging, 409, 4, "mctl operation wait op-7" },
            { ProblemTypes.IdempotencyConflict, 409, 4, "--idempotency-key" },
            { ProblemTypes.WrongState, 409, 4, "mctl vm show" },
            { ProblemTypes.ImageMissing, 409, 4, "mctl image build" },
            { ProblemTypes.ImageBuilding, 409, 4, "mctl operation wait op-7" },
            { ProblemTypes.LimitReached, 409, 4, "master-controller config show" },
            { ProblemTypes.PortInUse, 409, 4, "mctl forward list" },
            { ProblemTypes.ExternalConflicts, 409, 4, "mctl external addresses" },
            { ProblemTypes.NoDedicatedAddress, 409, 4, "mctl external show" },
            { ProblemTypes.NetworkModeNone, 409, 4, "network.mode" },
            { ProblemTypes.NetworkUnreadable, 503, 5, "mctl doctor" },
            { ProblemTypes.NotInForce, 503, 5, "mctl vm show" },
            { ProblemTypes.NotReady, 503, 5, "mctl doctor" },
            { ProblemTypes.StoreUnavailable, 503, 5, "journalctl" },
            { ProblemTypes.Internal, 500, 1, "journalctl" },
        };

    [Theory]
    [MemberData(nameof(Problems))]
    public async Task Every_problem_has_its_exit_code_and_the_next_command(
        string type,
        int status,
        int code,
        string hint
    )
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var problem = new Problem($"/problems/{type}", "Title", status, "what is wrong", null, "op-7", 0.42);
        daemon.Refuse("POST /api/v1/vms", problem);

        var run = await CliRun.Of(daemon, "vm", "create");

        Assert.Equal(code, run.Code);
        Assert.Empty(run.Out);
        Assert.StartsWith("error: what is wrong", run.Err);
        Assert.Equal(hint.Length > 0, run.Err.Contains("\nhint: ", StringComparison.Ordinal));
        Assert.Contains(hint, run.Err);
    }

    [Fact]
    public void Every_problem_of_the_contract_is_among_them()
    {
        var all = typeof(ProblemTypes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(all.Order(), Problems.Select(row => row.Data.Item1).Order());
    }

    [Fact]
    public async Task Each_bad_field_has_a_line()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var errors = new Dictionary<string, string[]>
        {
            ["name"] = ["'A_b' is no DNS label"],
            ["memoryMib"] = ["63 is below 64", "63 is odd"],
        };
        daemon.Refuse(
            "POST /api/v1/vms",
            new Problem("/problems/invalid-request", "The request is not valid", 400, null, errors)
        );

        var run = await CliRun.Of(daemon, "vm", "create", "A_b");

        Assert.Equal(
            "error: The request is not valid\n  name: 'A_b' is no DNS label\n  memoryMib: 63 is below 64\n  memoryMib: 63 is odd\n",
            run.Err
        );
    }

    [Fact]
    public async Task A_field_that_the_detail_has_named_is_not_said_twice()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var errors = new Dictionary<string, string[]> { ["owner"] = ["is required"] };
        daemon.Refuse(
            "POST /api/v1/vms",
            new Problem("/problems/invalid-request", "t", 400, "owner: is required", errors)
        );

        var run = await CliRun.Of(daemon, "vm", "create");

        Assert.Equal("error: owner: is required\n", run.Err);
    }

    [Fact]
    public async Task An_image_that_is_being_built_is_told_with_its_progress()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.Refuse(
            "POST /api/v1/vms",
            new Problem("/problems/image-building", "t", 409, "golden is being built", null, "op-7", 0.42)
        );

        var run = await CliRun.Of(daemon, "vm", "create");

        Assert.Equal(
            "error: golden is being built (42 % done)\nhint: wait for it: mctl operation wait op-7\n",
            run.Err
        );
    }

    [Fact]
    public async Task An_error_that_is_no_problem_document_is_shown_as_it_came()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/pools",
            async context =>
            {
                context.Response.StatusCode = 502;
                await context.Response.Body.WriteAsync("bad gateway"u8.ToArray());
            }
        );

        var run = await CliRun.Of(daemon, "pool", "list");

        Assert.Equal((1, "error: bad gateway\n"), (run.Code, run.Err));
    }

    [Fact]
    public async Task An_answer_that_is_no_json_is_said_to_be_so()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/pools", context => context.Response.Body.WriteAsync("<html>"u8.ToArray()).AsTask());

        var run = await CliRun.Of(daemon, "pool", "list");

        Assert.Equal(1, run.Code);
        Assert.Contains("the daemon's answer cannot be read", run.Err);
    }
}
