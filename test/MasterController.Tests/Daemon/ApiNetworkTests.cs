using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Store;
using Xunit;

namespace MasterController.Tests.Daemon;

public class ApiNetworkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_host_network_there_is_a_status_and_nothing_differs()
    {
        await using var api = await ApiUnderTest.StartAsync();

        var status = await ReadAsync(api, "api/v1/network", ContractsJson.Default.NetworkStatus);

        Assert.Equal(("none", null, null), (status.Mode, status.Uplink, status.Error));
        Assert.Equal(new DriftCounts(0, 0), status.Drift);
        Assert.Empty(status.Limits);
        Assert.Empty((await ReadAsync(api, "api/v1/network/drift", ContractsJson.Default.NetworkDriftList)).Items);
    }

    [Fact]
    public async Task What_has_ended_is_in_the_history_alone()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var time = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
        await api.Store.CommitAsync(
            new StoreChange.DriftEnded(
                new DriftEntry(
                    new Difference(DriftObject.Route, "192.168.100.2", "dev fcc0a86402", "missing"),
                    time,
                    2,
                    DriftState.Repaired,
                    time.AddSeconds(3)
                )
            )
        );

        Assert.Empty((await ReadAsync(api, "api/v1/network/drift", ContractsJson.Default.NetworkDriftList)).Items);
        var list = await ReadAsync(api, "api/v1/network/drift?history=true", ContractsJson.Default.NetworkDriftList);
        Assert.Equal(
            new NetworkDrift(
                "route",
                "192.168.100.2",
                "dev fcc0a86402",
                "missing",
                "ours",
                null,
                time,
                2,
                "repaired",
                time.AddSeconds(3),
                null,
                null
            ),
            Assert.Single(list.Items)
        );
    }

    [Theory]
    [InlineData("api/v1/network/drift?histroy=true", "histroy", "unknown parameter (did you mean \"history\"?)")]
    [InlineData("api/v1/network/drift?history=yes", "history", "\"yes\" is neither true nor false")]
    [InlineData("api/v1/network/drift?limit=0", "limit", "\"0\" is not a whole number from 1 to 1000")]
    public async Task A_wrong_query_is_named(string path, string field, string error)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("GET", path, null);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(error, problem.Errors![field][0]);
    }

    [Theory]
    [InlineData("""{"plan": "yes"}""", 400, "invalid-request", "plan")]
    [InlineData("""{"dryRun": true}""", 400, "invalid-request", "dryRun")]
    [InlineData("""{"plan": true}""", 409, "network-mode-none", null)]
    [InlineData("", 409, "network-mode-none", null)]
    public async Task A_repair_is_refused_with_the_reason(string body, int status, string type, string? field)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/network/repair", body);
        Assert.Equal((status, $"/problems/{type}"), ((int)response.StatusCode, problem.Type));
        if (field is not null)
            Assert.Contains(field, problem.Errors!.Keys);
    }

    private static async Task<T> ReadAsync<T>(ApiUnderTest api, string path, JsonTypeInfo<T> type)
    {
        var text = await api.Client.GetStringAsync(path, Token);
        return JsonSerializer.Deserialize(text, type)!;
    }
}
