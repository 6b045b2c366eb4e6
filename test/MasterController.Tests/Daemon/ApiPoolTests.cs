using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Daemon;

/// <summary>Pools and leases over HTTP, as another orchestrator uses them in network mode "none".</summary>
public class ApiPoolTests
{
    private const string Tiny = """{"name":"tiny","ranges":[{"cidr":"10.1.0.0/29"}],"cooldownSeconds":60}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pool_is_created_shown_and_deleted()
    {
        await using var api = await ApiUnderTest.StartAsync();

        var created = await SendAsync(api, HttpMethod.Post, "api/v1/pools", Tiny);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/api/v1/pools/tiny", created.Headers.Location?.ToString());
        var pool = await ReadAsync(await api.Client.GetAsync("api/v1/pools/tiny", Token), ContractsJson.Default.Pool);
        Assert.Equal((5L, 0L, 5L, 60), (pool.Total, pool.Used, pool.Free, pool.CooldownSeconds));
        Assert.Equal("10.1.0.1", Assert.Single(pool.Ranges).Gateway);
        var deleted = await api.Client.DeleteAsync("api/v1/pools/tiny", Token);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("api/v1/pools/tiny", Token)).StatusCode);
    }

    [Fact]
    public async Task A_lease_is_201_then_200_and_its_end_204_then_404()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await SendAsync(api, HttpMethod.Post, "api/v1/pools", Tiny);

        var first = await LeaseAsync(api, """{"owner":"job-1"}""");
        var again = await LeaseAsync(api, """{"owner":"job-1"}""");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        var lease = await ReadAsync(again, ContractsJson.Default.Lease);
        Assert.Equal(("10.1.0.2", "job-1", "10.1.0.0/29"), (lease.Address, lease.Owner, lease.Network));
        Assert.Equal(HttpStatusCode.Conflict, await ReleaseAsync(api, "10.1.0.2", "job-2"));
        Assert.Equal(HttpStatusCode.NoContent, await ReleaseAsync(api, "10.1.0.2", "job-1"));
        Assert.Equal(HttpStatusCode.NotFound, await ReleaseAsync(api, "10.1.0.2", "job-1"));
    }

    [Fact]
    public async Task A_full_pool_and_a_taken_address_are_named()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await SendAsync(api, HttpMethod.Post, "api/v1/pools", Tiny);
        for (var i = 2; i <= 6; i++)
            await LeaseAsync(api, $$"""{"owner":"job-{{i}}","address":"10.1.0.{{i}}"}""");

        var (_, full) = await api.RefusedAsync("POST", "api/v1/pools/tiny/leases", """{"owner":"late"}""");
        var (_, taken) = await api.RefusedAsync(
            "POST",
            "api/v1/pools/tiny/leases",
            """{"owner":"late","address":"10.1.0.4"}"""
        );
        var (_, outside) = await api.RefusedAsync(
            "POST",
            "api/v1/pools/tiny/leases",
            """{"owner":"late","address":"10.2.0.4"}"""
        );
        var (_, busy) = await api.RefusedAsync("DELETE", "api/v1/pools/tiny");

        Assert.EndsWith(ProblemTypes.PoolExhausted, full.Type);
        Assert.EndsWith(ProblemTypes.AddressInUse, taken.Type);
        Assert.Contains("job-4", taken.Detail);
        Assert.EndsWith(ProblemTypes.AddressOutsidePool, outside.Type);
        Assert.Contains("10.1.0.0/29", outside.Detail);
        Assert.EndsWith(ProblemTypes.PoolHasLeases, busy.Type);
        Assert.Contains("job-2", busy.Detail);
    }

    [Fact]
    public async Task Leases_come_in_pages()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await SendAsync(api, HttpMethod.Post, "api/v1/pools", Tiny);
        for (var i = 0; i < 5; i++)
            await LeaseAsync(api, $$"""{"owner":"job-{{i}}"}""");
        List<string> seen = [];

        for (string? cursor = ""; cursor is not null; )
        {
            var path = $"api/v1/pools/tiny/leases?limit=2{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}";
            var page = await ReadAsync(await api.Client.GetAsync(path, Token), ContractsJson.Default.LeaseList);
            Assert.Equal(5, page.Total);
            seen.AddRange(page.Items.Select(l => l.Address));
            cursor = page.Next;
        }

        Assert.Equal(["10.1.0.2", "10.1.0.3", "10.1.0.4", "10.1.0.5", "10.1.0.6"], seen);
    }

    [Fact]
    public async Task An_overlap_names_the_field_and_the_other_pool()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await SendAsync(api, HttpMethod.Post, "api/v1/pools", Tiny);

        var (response, problem) = await api.RefusedAsync(
            "POST",
            "api/v1/pools",
            """{"name":"wide","ranges":[{"cidr":"10.1.0.0/20"}]}"""
        );

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.EndsWith(ProblemTypes.PoolOverlap, problem.Type);
        Assert.Contains("tiny", Assert.Single(problem.Errors!["ranges[0].cidr"]));
    }

    [Fact]
    public async Task The_ids_of_vms_are_not_for_callers()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await SendAsync(api, HttpMethod.Post, "api/v1/pools", Tiny);

        var (response, problem) = await api.RefusedAsync(
            "POST",
            "api/v1/pools/tiny/leases",
            """{"owner":"vm-0123456789ab"}"""
        );

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("vm-0123456789ab", Assert.Single(problem.Errors!["owner"]));
    }

    [Fact]
    public async Task Vms_are_refused_where_the_controller_only_leases_addresses()
    {
        await using var api = await ApiUnderTest.StartAsync();

        var (response, problem) = await api.RefusedAsync("POST", "api/v1/vms", "{}");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.EndsWith(ProblemTypes.NetworkModeNone, problem.Type);
    }

    private static Task<HttpResponseMessage> LeaseAsync(ApiUnderTest api, string json) =>
        SendAsync(api, HttpMethod.Post, "api/v1/pools/tiny/leases", json);

    private static async Task<HttpStatusCode> ReleaseAsync(ApiUnderTest api, string address, string owner) =>
        (await api.Client.DeleteAsync($"api/v1/pools/tiny/leases/{address}?owner={owner}", Token)).StatusCode;

    private static async Task<HttpResponseMessage> SendAsync(
        ApiUnderTest api,
        HttpMethod method,
        string path,
        string json
    )
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        return await api.Client.SendAsync(request, Token);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type)
    {
        response.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Token), type)!;
    }
}
