using System.Net;
using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class ApiTrafficTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_vms_nothing_was_carried()
    {
        await using var api = await ApiUnderTest.StartAsync();

        var traffic = JsonSerializer.Deserialize(
            await api.Client.GetStringAsync("/api/v1/network/traffic", Token),
            ContractsJson.Default.NetworkTraffic
        )!;

        Assert.Equal(0, traffic.Vms);
        Assert.Equal(new TrafficCounters(0, 0, 0), traffic.In);
        Assert.Empty(traffic.Items);
    }

    [Theory]
    [InlineData("/api/v1/network/traffic?sort=up", "sort", "up")]
    [InlineData("/api/v1/network/traffic?limit=-1", "limit", "-1")]
    public async Task A_bad_query_is_named(string path, string field, string value)
    {
        await using var api = await ApiUnderTest.StartAsync();

        var answer = await api.Client.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonSerializer.Deserialize(
            await answer.Content.ReadAsStringAsync(Token),
            ContractsJson.Default.Problem
        )!;
        Assert.Contains(value, Assert.Single(problem.Errors![field]));
    }

    [Fact]
    public async Task A_vm_that_is_not_there_is_not_found()
    {
        await using var api = await ApiUnderTest.StartAsync();

        var answer = await api.Client.GetAsync("/api/v1/vms/nobody/traffic", Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
