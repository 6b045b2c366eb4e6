using MasterController.Contracts;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class QuotaTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    private static readonly Quota _own = new("ci", "owner", new(10, 0, 8192, 0, 0), new(3, 3, 768, 3, 0));

    [Fact]
    public async Task What_owners_have_is_listed_by_what_they_may_have()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/quotas", Json.QuotaList, new QuotaList(new(0, 0, 0, 0, 0), [_own]));
        var run = await CliRun.Of(daemon, "quota", "list");
        Assert.Contains("ci     own     3 of 10  3      768 of 8,192  3          0", run.Out);
    }

    [Fact]
    public async Task Setting_one_limit_keeps_the_owners_others()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/quotas/ci", Json.Quota, _own, _own with { Source = "default" });
        daemon.On("PUT /api/v1/quotas/ci", Json.Quota, _own, 200);

        var run = await CliRun.Of(daemon, "quota", "set", "ci", "--vms", "12");
        Assert.Equal(0, run.Code);
        Assert.Equal(
            """{"vms":12,"vcpus":0,"memoryMib":8192,"addresses":0,"dedicatedAddresses":0}""",
            daemon.AskedFor[1].Body
        );
        await CliRun.Of(daemon, "quota", "set", "ci", "--dedicated", "0");
        Assert.Equal(
            """{"vms":null,"vcpus":null,"memoryMib":null,"addresses":null,"dedicatedAddresses":0}""",
            daemon.AskedFor[3].Body
        );
        var nothing = await CliRun.Of(daemon, "quota", "set", "ci");
        Assert.Equal(2, nothing.Code);
    }

    [Fact]
    public async Task Clearing_shows_what_holds_then()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "DELETE /api/v1/quotas/ci",
            context =>
            {
                context.Response.StatusCode = 204;
                return Task.CompletedTask;
            }
        );
        daemon.On("GET /api/v1/quotas/ci", Json.Quota, _own with { Source = "default" });
        var run = await CliRun.Of(daemon, "quota", "clear", "ci");
        Assert.Equal(0, run.Code);
        Assert.Contains("as configured", run.Out);
    }
}
