using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class PoolHistoryTests
{
    private const string Route = "GET /api/v1/pools/default/history";

    private static readonly ContractsJson Json = ContractsJson.Default;

    private static readonly PoolVersion Created = new(
        1,
        Samples.Start,
        "create",
        null,
        [PlanSamples.Small],
        [],
        253,
        false
    );

    private static readonly PoolVersion Expanded = new(
        2,
        Samples.Start.AddMinutes(5),
        "expand",
        "op-12",
        [PlanSamples.Large],
        ["192.168.100.1"],
        65_532,
        true
    );

    [Theory]
    [InlineData("pool history")]
    [InlineData("pool history default")]
    public async Task Every_definition_has_a_line_and_the_one_in_force_a_mark(string line)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Route, Json.PoolVersionList, new PoolVersionList([Created, Expanded]));

        var run = await CliRun.Of(daemon, line.Split(' '));

        Assert.Equal(0, run.Code);
        Assert.Equal(
            """
            VERSION  TIME                  ACTION  CAPACITY  OPERATION  BY          RANGES
                  1  2026-01-02 03:04:05Z  create       253  -          controller  192.168.100.0/24
                * 2  2026-01-02 03:09:05Z  expand    65,532  op-12      controller  192.168.0.0/16 (keeps 192.168.100.1)

            """,
            run.Out
        );
        Assert.Equal(
            "* is in force; undo the last change: mctl pool rollback default, or name a VERSION behind it\n",
            run.Err
        );
    }

    [Fact]
    public async Task Of_many_ranges_the_first_are_named_and_one_version_cannot_be_undone()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        PoolRange[] ranges =
        [
            .. Enumerable.Range(0, 9).Select(i => PlanSamples.Small with { Cidr = $"10.0.{i}.0/24" }),
        ];
        daemon.On(Route, Json.PoolVersionList, new PoolVersionList([Created with { Ranges = ranges, Current = true }]));

        var run = await CliRun.Of(daemon, "pool", "history");

        Assert.EndsWith("10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24 and 6 more\n", run.Out);
        Assert.Equal("", run.Err);
    }

    [Fact]
    public async Task As_json_it_is_the_contracts_object_and_quiet_the_versions()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var list = new PoolVersionList([Created, Expanded]);
        daemon.On(Route, Json.PoolVersionList, list);

        var json = await CliRun.Of(daemon, "pool", "history", "-o", "json");
        var quiet = await CliRun.Of(daemon, "pool", "history", "-q");

        var expected = JsonSerializer.SerializeToElement(list, Json.PoolVersionList);
        Assert.True(JsonElement.DeepEquals(expected, JsonDocument.Parse(json.Out).RootElement));
        Assert.Equal(("1\n2\n", ""), (quiet.Out, quiet.Err));
    }

    [Fact]
    public async Task A_confirmed_change_is_kept()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/pools/default/confirm", Json.Operation, PlanSamples.Operation("running"));
        daemon.On("GET /api/v1/operations/op-12", Json.Operation, PlanSamples.Operation("succeeded"));

        var table = await CliRun.Of(daemon, "pool", "confirm");
        var json = await CliRun.Of(daemon, "pool", "confirm", "default", "-o", "json");

        Assert.Equal((0, "default keeps its change (op-12)\n", ""), (table.Code, table.Out, table.Err));
        Assert.Equal("succeeded", JsonSerializer.Deserialize(json.Out, Json.Operation)!.Status);
        Assert.Equal("30", daemon.AskedFor[1].Headers["Prefer"]["wait=".Length..]);
    }

    [Fact]
    public async Task A_confirmation_that_comes_too_late_is_refused()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.Refuse(
            "POST /api/v1/pools/lab/confirm",
            new Problem("/problems/confirm-too-late", "t", 409, "no change of lab awaits confirmation")
        );

        var run = await CliRun.Of(daemon, "pool", "confirm", "lab");

        Assert.Equal((4, ""), (run.Code, run.Out));
        Assert.StartsWith("error: no change of lab awaits confirmation\nhint: ", run.Err);
    }
}
