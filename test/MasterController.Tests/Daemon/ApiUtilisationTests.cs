using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class ApiUtilisationTests
{
    private const string Wide = """
        {"name":"wide","ranges":[{"cidr":"10.1.0.0/22","reservations":["10.1.3.0/24"]}],"cooldownSeconds":600}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stats_tell_of_the_pool_its_ranges_and_its_subnets()
    {
        await using var api = await StartAsync();

        var stats = await GetAsync(api, "stats?top=1", ContractsJson.Default.PoolStats);

        Assert.Equal(("wide", 1021, 2, 1, 255, 763), Flat(stats));
        Assert.True(stats.Exact);
        Assert.Equal((4, 2), (stats.Subnets, stats.UntouchedSubnets));
        Assert.Equal(
            new RangeStats("10.1.0.0/22", "10.1.0.2", "10.1.3.254", 1021, 2, 1, 255, 763, 4, 2),
            Assert.Single(stats.Ranges)
        );
        Assert.Equal(new SubnetStats("10.1.0.0/24", 254, 1, 1, 0, 252), Assert.Single(stats.Top));
        Assert.Equal(new SubnetStats("10.1.2.0/24", 256, 1, 0, 0, 255), Assert.Single(stats.Bottom));
        Assert.Equal(
            [
                new PoolForecast("hour", "too-few-samples", null, null, null),
                new PoolForecast("day", "too-few-samples", null, null, null),
                new PoolForecast("week", "too-few-samples", null, null, null),
            ],
            stats.Forecast
        );
    }

    [Fact]
    public async Task Subnets_come_in_pages()
    {
        await using var api = await StartAsync();

        var first = await GetAsync(api, "subnets?limit=1", ContractsJson.Default.SubnetList);
        var second = await GetAsync(api, $"subnets?limit=1&cursor={first.Next}", ContractsJson.Default.SubnetList);
        var all = await GetAsync(api, "subnets?range=10.1.2.0/23&untouched=true", ContractsJson.Default.SubnetList);

        Assert.Equal("10.1.0.0/24", Assert.Single(first.Items).Cidr);
        Assert.Equal(("10.1.2.0", 4), (first.Next, first.Subnets));
        Assert.Equal("10.1.2.0/24", Assert.Single(second.Items).Cidr);
        Assert.Null(second.Next);
        Assert.Equal(
            [new SubnetStats("10.1.2.0/24", 256, 1, 0, 0, 255), new SubnetStats("10.1.3.0/24", 255, 0, 0, 255, 0)],
            all.Items
        );
    }

    [Fact]
    public async Task A_map_has_a_byte_for_each_address()
    {
        await using var api = await StartAsync();

        var map = await GetAsync(api, "map?network=10.1.3.252/30", ContractsJson.Default.AddressMap);
        var (_, wrong) = await api.RefusedAsync("GET", "api/v1/pools/wide/map?network=10.1.3.252/33");
        var (none, _) = await api.RefusedAsync("GET", "api/v1/pools/nobody/map");

        Assert.Equal(("wide", "10.1.3.252/30", 32), (map.Pool, map.Network, map.CellPrefix));
        Assert.Equal([4, 4, 4, 0], Convert.FromBase64String(map.Cells));
        Assert.Contains("10.1.3.252/33", wrong.Errors!["network"][0]);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Free_addresses_are_stretches_and_one_is_next()
    {
        await using var api = await StartAsync();

        var free = await GetAsync(api, "free?limit=1", ContractsJson.Default.FreeAddresses);

        Assert.Equal(
            ("wide", 763, 1021, "lowest-free", "10.1.0.4", null, 1),
            (free.Pool, free.Free, free.Total, free.Strategy, free.Next, free.NextReason, free.More)
        );
        Assert.Equal(new("10.1.0.4", "10.1.2.6", 515), Assert.Single(free.Items));
    }

    [Fact]
    public async Task Why_there_is_no_next_address_is_said()
    {
        await using var api = await StartAsync();
        await PostAsync(api, "api/v1/pools", """{"name":"one","ranges":[{"cidr":"10.2.0.0/30"}]}""");
        await PostAsync(api, "api/v1/pools/one/leases", """{"owner":"a"}""");
        await PostAsync(
            api,
            "api/v1/pools",
            """{"name":"luck","ranges":[{"cidr":"10.3.0.0/30"}],"strategy":"random"}"""
        );

        var full = await GetAsync(api, "free", ContractsJson.Default.FreeAddresses, "one");
        var random = await GetAsync(api, "free", ContractsJson.Default.FreeAddresses, "luck");

        Assert.Equal((null, "no address is free", 0), (full.Next, full.NextReason, full.Items.Count));
        Assert.Equal((null, "the strategy is \"random\"", 1), (random.Next, random.NextReason, random.Items.Count));
    }

    [Fact]
    public async Task A_day_is_told_by_minute_and_more_by_hour()
    {
        await using var api = await StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        await SaveAsync(api, SampleInterval.Minute, now - TimeSpan.FromHours(23), 5);
        await SaveAsync(api, SampleInterval.Hour, now - TimeSpan.FromDays(3), 7);
        await SaveAsync(api, SampleInterval.Hour, now - TimeSpan.FromHours(2), 9);

        var day = await GetAsync(api, "utilisation", ContractsJson.Default.UtilisationSeries);
        var week = await GetAsync(
            api,
            $"utilisation?from={now.UtcDateTime.AddDays(-4):yyyy-MM-dd}",
            ContractsJson.Default.UtilisationSeries
        );
        var part = await GetAsync(
            api,
            $"utilisation?from={now.UtcDateTime.AddHours(-3):yyyy-MM-ddTHH:mm}Z&interval=hour",
            ContractsJson.Default.UtilisationSeries
        );

        Assert.Equal(("wide", "minute", TimeSpan.FromDays(1)), (day.Pool, day.Interval, day.To - day.From));
        var point = Assert.Single(day.Items);
        Assert.Equal((1021, 5, 1, 255, 760), (point.Total, point.Used, point.Cooling, point.Reserved, point.Free));
        Assert.Equal("hour", week.Interval);
        Assert.Equal([7, 9], week.Items.Select(i => i.Used));
        Assert.Equal([9], part.Items.Select(i => i.Used));
    }

    [Fact]
    public async Task A_forecast_is_made_of_the_samples()
    {
        await using var api = await StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        await SaveAsync(api, SampleInterval.Minute, now - TimeSpan.FromMinutes(59), 100);
        await SaveAsync(api, SampleInterval.Minute, now - TimeSpan.FromMinutes(29), 50);
        await SaveAsync(api, SampleInterval.Hour, now - TimeSpan.FromDays(6), 0);

        var stats = await GetAsync(api, "stats", ContractsJson.Default.PoolStats);

        Assert.Equal(("never", -100), (stats.Forecast[0].Outcome, stats.Forecast[0].PerHour));
        Assert.Equal("too-few-samples", stats.Forecast[1].Outcome);
        Assert.NotNull(stats.Forecast[1].FirstSample);
        var week = stats.Forecast[2];
        Assert.Equal("full-at", week.Outcome);
        Assert.Equal(763 / week.PerHour!.Value, (week.FullAt!.Value - stats.Time).TotalHours, 0.1);
    }

    [Theory]
    [InlineData("stats?top=-1", "top", "-1")]
    [InlineData("stats?top=1001", "top", "1001")]
    [InlineData("stats?limit=1", "limit", "unknown")]
    [InlineData("subnets?range=10.1.0.0", "range", "10.1.0.0")]
    [InlineData("subnets?range=10.1.0.1/24", "range", "10.1.0.1/24")]
    [InlineData("subnets?range=172.16.0.0/12", "range", "172.16.0.0/12")]
    [InlineData("subnets?cursor=x", "cursor", "x")]
    [InlineData("subnets?untouched=maybe", "untouched", "maybe")]
    [InlineData("subnets?limit=0", "limit", "0")]
    [InlineData("free?limit=1001", "limit", "1001")]
    [InlineData("utilisation?from=yesterday", "from", "yesterday")]
    [InlineData("utilisation?to=2026-13-01T00:00:00Z", "to", "2026-13-01")]
    [InlineData("utilisation?from=2026-01-02&to=2026-01-01", "to", "2026-01-01")]
    [InlineData("utilisation?interval=second", "interval", "second")]
    public async Task A_refusal_names_the_field_and_the_value(string query, string field, string value)
    {
        await using var api = await StartAsync();

        var (response, problem) = await api.RefusedAsync("GET", $"api/v1/pools/wide/{query}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.EndsWith(ProblemTypes.InvalidRequest, problem.Type);
        Assert.Contains(value, Assert.Single(problem.Errors![field]));
    }

    [Theory]
    [InlineData("stats")]
    [InlineData("subnets")]
    [InlineData("free")]
    [InlineData("utilisation")]
    public async Task A_pool_that_is_not_there_is_not_found(string what)
    {
        await using var api = await StartAsync();

        var (response, problem) = await api.RefusedAsync("GET", $"api/v1/pools/gone/{what}");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("gone", problem.Detail);
    }

    /// <summary>With a pool of 10.1.0.2–10.1.3.254: .2 cools, .3 and 10.1.2.7 are used, the last /24 is reserved.</summary>
    private static async Task<ApiUnderTest> StartAsync()
    {
        var api = await ApiUnderTest.StartAsync();
        await PostAsync(api, "api/v1/pools", Wide);
        await PostAsync(api, "api/v1/pools/wide/leases", """{"owner":"a"}""");
        await PostAsync(api, "api/v1/pools/wide/leases", """{"owner":"b"}""");
        await PostAsync(api, "api/v1/pools/wide/leases", """{"owner":"c","address":"10.1.2.7"}""");
        (await api.Client.DeleteAsync("api/v1/pools/wide/leases/10.1.0.2?owner=a", Token)).EnsureSuccessStatusCode();
        return api;
    }

    private static Task SaveAsync(ApiUnderTest api, SampleInterval interval, DateTimeOffset time, long used) =>
        api.Store.CommitAsync(
            new StoreChange.UtilisationSaved(
                new UtilisationSample("wide", time, new PoolCounts(1021, used, 1, 255, 765 - used)),
                interval
            )
        );

    private static (string, long, long, long, long, long) Flat(PoolStats stats) =>
        (stats.Pool, stats.Total, stats.Used, stats.Cooling, stats.Reserved, stats.Free);

    private static async Task PostAsync(ApiUnderTest api, string path, string json)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        (await api.Client.PostAsync(path, body, Token)).EnsureSuccessStatusCode();
    }

    private static async Task<T> GetAsync<T>(
        ApiUnderTest api,
        string what,
        JsonTypeInfo<T> type,
        string pool = "wide"
    ) => JsonSerializer.Deserialize(await api.Client.GetStringAsync($"api/v1/pools/{pool}/{what}", Token), type)!;
}
