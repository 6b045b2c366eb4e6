using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Daemon;

/// <summary>Pools in bridge mode and adoption over HTTP.</summary>
public sealed class ApiBridgeTests
{
    private const string Lan = """{"name":"lan","ranges":[{"cidr":"10.1.0.0/24"}],"network":"bridge"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pool_says_how_its_vms_are_connected()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var body = new StringContent(Lan, Encoding.UTF8, "application/json");

        var created = await api.Client.PostAsync("api/v1/pools", body, Token);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var pool = JsonSerializer.Deserialize(
            await created.Content.ReadAsStringAsync(Token),
            ContractsJson.Default.Pool
        );
        Assert.Equal("bridge", pool!.Network);
    }

    [Fact]
    public async Task More_than_one_bridge_takes_is_refused_when_it_is_created_and_when_it_is_planned()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var body = new StringContent(Lan, Encoding.UTF8, "application/json");
        await api.Client.PostAsync("api/v1/pools", body, Token);

        var (created, tooMany) = await api.RefusedAsync(
            "POST",
            "api/v1/pools",
            """{"name":"wide","ranges":[{"cidr":"10.8.0.0/22"}],"network":"bridge"}"""
        );
        var (planned, tooWide) = await api.RefusedAsync(
            "POST",
            "api/v1/pools/lan/plans",
            """{"action":"expand","cidr":"10.1.0.0/16"}"""
        );
        var (_, unknown) = await api.RefusedAsync(
            "POST",
            "api/v1/pools",
            """{"name":"wide","ranges":[{"cidr":"10.8.0.0/22"}],"network":"switch"}"""
        );

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (created.StatusCode, planned.StatusCode));
        Assert.EndsWith(ProblemTypes.BridgeFull, tooMany.Type);
        Assert.Contains("1,021 addresses in bridge mode and other pools 253; one bridge has 1,023", tooMany.Detail);
        Assert.EndsWith(ProblemTypes.BridgeFull, tooWide.Type);
        Assert.Contains("65,533 addresses in bridge mode", tooWide.Detail);
        Assert.Contains("routed mode", tooWide.Detail);
        Assert.Equal(["\"switch\" is none of \"routed\", \"bridge\""], unknown.Errors!["network"]);
    }

    [Fact]
    public async Task Where_the_host_network_is_left_alone_there_is_nothing_to_adopt()
    {
        await using var api = await ApiUnderTest.StartAsync();

        var plan = await api.Client.GetFromJsonAsync("api/v1/network/adoption", ContractsJson.Default.Adoption, Token);
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/network/adoption");

        Assert.Equal("none", plan!.Bridge);
        Assert.Empty(plan.Ports);
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.EndsWith(ProblemTypes.NetworkModeNone, problem.Type);
    }
}
