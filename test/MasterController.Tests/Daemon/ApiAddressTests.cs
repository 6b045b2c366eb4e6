using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Daemon;

public class ApiAddressTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_leased_address_is_explained_with_its_pool_and_range()
    {
        await using var api = await WithLeaseAsync();
        var info = await ReadAsync(api, "api/v1/addresses/10.1.0.2", ContractsJson.Default.AddressInfo);
        Assert.Equal(("10.1.0.2", "leased", "job-1", "tiny"), (info.Address, info.State, info.Owner, info.Pool));
        Assert.Equal("it is leased to \"job-1\"", info.Reason);
        Assert.Equal(("10.1.0.0/29", "10.1.0.1"), (info.Range!.Cidr, info.Range.Gateway));
        Assert.NotNull(info.Since);
        Assert.Equal((null, null, null), (info.Vm, info.Until, info.OperationId));
        Assert.Equal((null, null, null), (info.Kernel.Route, info.Kernel.Neighbour, info.Kernel.Error));
        Assert.Empty(info.Kernel.Firewall);
    }

    [Theory]
    [InlineData("10.1.0.0", "network", "it is the network address of 10.1.0.0/29")]
    [InlineData("10.1.0.1", "gateway", "it is the gateway of 10.1.0.0/29")]
    [InlineData("10.1.0.3", "free", null)]
    [InlineData("10.1.0.7", "broadcast", "it is the broadcast address of 10.1.0.0/29")]
    [InlineData("10.2.0.1", "outside-pools", "it is in the network of no pool")]
    public async Task Any_other_address_is_explained_too(string address, string state, string? reason)
    {
        await using var api = await WithLeaseAsync();
        var info = await ReadAsync(api, $"api/v1/addresses/{address}", ContractsJson.Default.AddressInfo);
        Assert.Equal((state, reason), (info.State, info.Reason));
    }

    [Fact]
    public async Task The_history_has_the_pool_the_lease_and_who_had_it_at_a_time()
    {
        await using var api = await WithLeaseAsync();
        const string Path = "api/v1/addresses/10.1.0.2/history";
        var held = await ReadAsync(api, Path, ContractsJson.Default.AddressHistoryList);
        Assert.Equal(["free", "leased"], held.Items.Select(i => i.State));
        Assert.Equal((1L, "create"), (held.Items[0].Version, held.Items[0].Action));
        Assert.Equal(("job-1", null), (held.Items[1].Owner, held.Items[1].Until));
        Assert.Equal((2, null), (held.Total, held.Then));

        var since = held.Items[1].Since;
        await api.Client.DeleteAsync("api/v1/pools/tiny/leases/10.1.0.2?owner=job-1", Token);
        var then = await ReadAsync(api, $"{Path}?at={since.UtcDateTime:O}", ContractsJson.Default.AddressHistoryList);
        Assert.Equal((since, "leased", "job-1"), (then.Then!.At, then.Then.State, then.Then.Owner));
        Assert.NotNull(then.Then.Until);

        var before = await ReadAsync(
            api,
            $"{Path}?at=2001-02-03T04:05%2B01:00",
            ContractsJson.Default.AddressHistoryList
        );
        Assert.Equal("outside-pools", before.Then!.State);
        Assert.Equal(new DateTimeOffset(2001, 2, 3, 3, 5, 0, TimeSpan.Zero), before.Then.At);
        Assert.Empty(before.Items);

        var newest = await ReadAsync(api, $"{Path}?limit=1", ContractsJson.Default.AddressHistoryList);
        Assert.Equal("leased", Assert.Single(newest.Items).State);
        Assert.Equal(2, newest.Total);
    }

    [Theory]
    [InlineData("api/v1/addresses/10.1.0", "address", "\"10.1.0\" is not an IPv4 address")]
    [InlineData("api/v1/addresses/10.1.0.256/history", "address", "\"10.1.0.256\" is not an IPv4 address")]
    [InlineData("api/v1/addresses/fd00::1", "address", "\"fd00::1\" is not an IPv4 address")]
    [InlineData("api/v1/addresses/10.1.0.2/history?at=soon", "at", "\"soon\" is not a time")]
    [InlineData("api/v1/addresses/10.1.0.2/history?at=2026-13-01", "at", "\"2026-13-01\" is not a time")]
    [InlineData("api/v1/addresses/10.1.0.2/history?at=9999-01-01", "at", "9999-01-01 has not come yet")]
    [InlineData("api/v1/addresses/10.1.0.2/history?limit=0", "limit", "\"0\" is not a whole number from 1 to 1000")]
    [InlineData("api/v1/addresses/10.1.0.2/history?att=1", "att", "unknown parameter (did you mean \"at\"?)")]
    public async Task What_is_wrong_is_named(string path, string field, string expected)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("GET", path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith(expected, problem.Errors![field][0], StringComparison.Ordinal);
    }

    private static async Task<ApiUnderTest> WithLeaseAsync()
    {
        var api = await ApiUnderTest.StartAsync();
        await PostAsync(
            api,
            "api/v1/pools",
            """{"name":"tiny","ranges":[{"cidr":"10.1.0.0/29"}],"cooldownSeconds":60}"""
        );
        await PostAsync(api, "api/v1/pools/tiny/leases", """{"owner":"job-1"}""");
        return api;
    }

    private static async Task PostAsync(ApiUnderTest api, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        (await api.Client.PostAsync(path, content, Token)).EnsureSuccessStatusCode();
    }

    private static async Task<T> ReadAsync<T>(ApiUnderTest api, string path, JsonTypeInfo<T> type)
    {
        var response = await api.Client.GetAsync(path, Token);
        response.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Token), type)!;
    }
}
