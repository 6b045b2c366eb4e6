using System.Text.Json;
using MasterController.Cli.Commands.Pools;
using MasterController.Cli.Terminal;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class PlanTextTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    private const string Route = "POST /api/v1/pools/default/plans";

    [Fact]
    public async Task A_plan_says_what_comes_of_it_what_is_done_and_how_to_apply_it()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Route, Json.PoolPlan, PlanSamples.Expand(), 201);

        var run = await CliRun.Of(daemon, "pool", "expand", "default", "192.168.0.0/16", "--plan");

        Assert.Equal((0, ""), (run.Code, run.Err));
        Assert.Equal("x", run.Out);
    }
}
