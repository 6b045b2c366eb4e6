using System.Net;
using System.Text;
using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class ApiQuotaTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Limits_are_set_shown_kept_to_and_cleared()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await SendAsync(api, "POST", "api/v1/pools", """{"name":"p","ranges":[{"cidr":"10.0.0.0/24"}]}""", 201);
        await SendAsync(api, "POST", "api/v1/pools", """{"name":"q","ranges":[{"cidr":"10.0.1.0/24"}]}""", 201);
        var set = await SendAsync(api, "PUT", "api/v1/quotas/team%2Fa", """{"addresses":1,"vms":0}""", 200);
        var quota = JsonSerializer.Deserialize(set, ContractsJson.Default.Quota)!;
        Assert.Equal(("team/a", "owner"), (quota.Owner, quota.Source));
        Assert.Equal(new QuotaLimits(0, 0, 0, 1, 0), quota.Limits);

        await SendAsync(api, "POST", "api/v1/pools/p/leases", """{"owner":"team/a"}""", 201);
        await SendAsync(api, "POST", "api/v1/pools/p/leases", """{"owner":"team/a"}""", 200);
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/pools/q/leases", """{"owner":"team/a"}""");
        Assert.Equal((409, "/problems/quota-exceeded"), ((int)response.StatusCode, problem.Type));
        Assert.Equal(
            "The owner \"team/a\" may have 1 addresses (quota.max_addresses, set for this owner) and has 1.",
            problem.Detail
        );
        Assert.Empty((await PoolLeasesAsync(api, "q")).Items);

        var list = await api.Client.GetStringAsync("api/v1/quotas", Cancelled);
        var all = JsonSerializer.Deserialize(list, ContractsJson.Default.QuotaList)!;
        Assert.Equal(new QuotaLimits(0, 0, 0, 1, 0), Assert.Single(all.Items).Used);

        await SendAsync(api, "DELETE", "api/v1/quotas/team%2fa", null, 204);
        await SendAsync(api, "POST", "api/v1/pools/q/leases", """{"owner":"team/a"}""", 201);
        var after = await api.Client.GetStringAsync("api/v1/quotas/team%2Fa", Cancelled);
        Assert.Equal("default", JsonSerializer.Deserialize(after, ContractsJson.Default.Quota)!.Source);
    }

    [Theory]
    [InlineData("""{"vms":-1}""", "vms")]
    [InlineData("""{"vcpus":1000001}""", "vcpus")]
    [InlineData("""{"memoryMib":2147483648}""", "memoryMib")]
    [InlineData("""{"addresses":16777217}""", "addresses")]
    [InlineData("""{"dedicatedAddresses":1.5}""", "dedicatedAddresses")]
    [InlineData("""{"vm":1}""", "vm")]
    [InlineData("{}", "body")]
    public async Task Limits_that_cannot_be_are_refused_by_name(string body, string field)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("PUT", "api/v1/quotas/ci", body);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal([field], problem.Errors!.Keys);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_cleared_and_a_name_has_to_be_one()
    {
        await using var api = await ApiUnderTest.StartAsync();
        Assert.Equal(404, (int)(await api.RefusedAsync("DELETE", "api/v1/quotas/ci")).Response.StatusCode);
        var (response, problem) = await api.RefusedAsync("GET", $"api/v1/quotas/{new string('x', 129)}");
        Assert.Equal((400, "owner"), ((int)response.StatusCode, problem.Errors!.Keys.Single()));
    }

    private static async Task<LeaseList> PoolLeasesAsync(ApiUnderTest api, string pool) =>
        JsonSerializer.Deserialize(
            await api.Client.GetStringAsync($"api/v1/pools/{pool}/leases", Cancelled),
            ContractsJson.Default.LeaseList
        )!;

    private static async Task<string> SendAsync(ApiUnderTest api, string method, string path, string? json, int status)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        var response = await api.Client.SendAsync(request, Cancelled);
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True((HttpStatusCode)status == response.StatusCode, $"{(int)response.StatusCode} {body}");
        return body;
    }
}
