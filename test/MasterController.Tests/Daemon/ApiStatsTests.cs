using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using MasterController.Core.Statistics;
using MasterController.Core.Vms;
using MasterController.Daemon.Endpoints;
using MasterController.Tests.Addressing;
using MasterController.Tests.Vms;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class ApiStatsTests
{
    /// <summary>What front ends of the former controller read, after growth and with no VM.</summary>
    private const string AfterGrowth = """
        {
          "ipPool": { "available": 65533, "total": 65533, "used": 0, "currentSubnet": "192.168.0.0/16",
            "expansionCapability": { "current": 65533, "maxWith16Subnet": 65536, "maxWith8Subnet": 16777216,
                                     "recommendation": "Current /16 subnet supports 65k VMs" } },
          "stats": { "total_vms": 0, "active_vms": 0, "cli_vms": 0, "browser_vms": 0,
            "ip_pool_available": 65533, "ip_pool_total": 65533, "ip_pool_current_subnet": "192.168.0.0/16",
            "ip_pool_max_possible": 65536, "external_ip": "203.0.113.1", "dedoco_enabled": true },
          "vms": { "total": 0, "running": 0, "stopped": 0, "hibernated": 0, "failed": 0, "byType": {} },
          "externalAccess": { "publicIp": "203.0.113.1", "ipv6Prefix": null, "dedicatedIpv6": 0, "publicIpv4Used": 0, "forwards": 0 }
        }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Admin_stats_have_the_shape_that_front_ends_read()
    {
        using var pool = await PoolFixture.WithAsync("192.168.0.0/16");
        var definition = pool.Directory.Find(PoolFixture.Pool)!;
        var outlook = PoolOutlook.Of(definition, pool.Counts, [], pool.Clock.GetUtcNow());

        var stats = AdminStatsMapping.Of(
            (definition, pool.Counts, outlook),
            VmCensus.Of([]),
            new ExternalStats("203.0.113.1", null, 0, 0, 0),
            canBeReached: true
        );

        AssertJson(AfterGrowth, JsonSerializer.Serialize(stats, ContractsJson.Default.AdminStats));
    }

    [Fact]
    public async Task Admin_stats_are_those_of_the_pool_after_it_was_grown()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await PostAsync(api, "api/v1/pools", """{"name":"default","ranges":[{"cidr":"192.168.100.0/24"}]}""");
        var before = await AdminAsync(api);
        var plan = await PostAsync(
            api,
            "api/v1/pools/default/plans",
            """{"action":"expand","cidr":"192.168.0.0/16"}"""
        );
        var operation = await PostAsync(api, $"api/v1/pools/default/plans/{plan["id"]}/apply", "{}");
        await api.Journal.WaitAsync((string)operation["id"]!, Token);

        var after = await AdminAsync(api);

        Assert.Equal(253, (long)before["ipPool"]!["available"]!);
        Assert.Equal(
            "Current /24 subnet supports 253 VMs",
            (string)before["ipPool"]!["expansionCapability"]!["recommendation"]!
        );
        // The machine that the test runs on, and a mode without VMs.
        var expected = JsonNode.Parse(AfterGrowth)!;
        expected["externalAccess"]!["publicIp"] = (string?)after["externalAccess"]!["publicIp"];
        expected["stats"]!["external_ip"] = (string?)after["stats"]!["external_ip"];
        expected["stats"]!["dedoco_enabled"] = false;
        AssertJson(expected.ToJsonString(), after.ToJsonString());
    }

    [Fact]
    public void Vms_are_counted_as_the_former_controller_did()
    {
        var vms = VmCensus.Of([
            TestVms.Record("vm-1"),
            TestVms.Record("vm-2", status: VmStatus.Creating),
            TestVms.Record("vm-3", status: VmStatus.Stopping),
            TestVms.Record("vm-4", status: VmStatus.Failed) with
            {
                Type = "browser",
            },
            TestVms.Record("vm-5", status: VmStatus.Stopped) with
            {
                Type = "large",
            },
            TestVms.Record("vm-6", status: VmStatus.Deleting),
        ]);

        var stats = AdminStatsMapping.Of(null, vms, new ExternalStats(null, null, 0, 0, 0), canBeReached: false);

        Assert.Equal(
            (6, 2, 3, 0, 1),
            (stats.Vms.Total, stats.Vms.Running, stats.Vms.Stopped, stats.Vms.Hibernated, stats.Vms.Failed)
        );
        Assert.Equal(
            (6, 1, 4, 1),
            (stats.Stats.TotalVms, stats.Stats.ActiveVms, stats.Stats.CliVms, stats.Stats.BrowserVms)
        );
        Assert.Equal(
            new Dictionary<string, int>
            {
                ["cli"] = 4,
                ["browser"] = 1,
                ["large"] = 1,
            },
            stats.Vms.ByType.ToDictionary()
        );
    }

    [Fact]
    public async Task Stats_have_every_pool_as_its_own_page_has_it()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await PostAsync(api, "api/v1/pools", """{"name":"b","ranges":[{"cidr":"10.1.0.0/24"}]}""");
        await PostAsync(api, "api/v1/pools", """{"name":"a","ranges":[{"cidr":"10.2.0.0/29"}]}""");
        for (var i = 0; i < 5; i++)
            await PostAsync(api, "api/v1/pools/a/leases", $$"""{"owner":"o{{i}}"}""");
        var failed = api.Journal.Begin("image-build", "golden", "only");
        await failed.FailAsync("no room");
        api.Journal.Begin("image-build", "golden", "only");

        var stats = await GetAsync(api, "stats?top=1", ContractsJson.Default.Stats);
        var page = await GetAsync(api, "pools/a/stats?top=1", ContractsJson.Default.PoolStats);

        Assert.Equal(["a", "b"], stats.Pools.Select(p => p.Pool));
        Assert.Equal(["a", "b"], stats.Capacity.Select(p => p.Pool));
        var a = stats.Pools[0];
        Assert.Equal((page.Used, page.Free, page.Total), (a.Used, a.Free, a.Total));
        Assert.Equal((page.Ranges[0], page.Top[0]), (a.Ranges[0], a.Top[0]));
        Assert.Equal(page.Forecast.Select(f => f.Outcome), a.Forecast.Select(f => f.Outcome));
        Assert.Equal(("10.2.0.0/16", 65_533), (stats.Capacity[0].ExpandTo, stats.Capacity[0].ExpandGives));
        Assert.Equal(0, stats.Vms.Total);
        Assert.Equal(new OperationStats(1, 1, 0), stats.Operations);
        Assert.Null(stats.Reconcile.At);
        var alert = Assert.Single(stats.Alerts);
        Assert.Equal(("pool-threshold", "critical", "a"), (alert.Code, alert.Severity, alert.Subject));
        Assert.Equal("mctl pool expand a 10.2.0.0/16 --plan", alert.Fix);
    }

    [Theory]
    [InlineData("stats?top=-1", "top", "-1")]
    [InlineData("stats?top=1001", "top", "1001")]
    [InlineData("stats?pool=a", "pool", "unknown")]
    public async Task A_refusal_names_the_field_and_the_value(string query, string field, string value)
    {
        await using var api = await ApiUnderTest.StartAsync();

        var (response, problem) = await api.RefusedAsync("GET", $"api/v1/{query}");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(value, Assert.Single(problem.Errors![field]));
    }

    [Theory]
    [InlineData("api/admin/stats")]
    [InlineData("api/v1/stats")]
    [InlineData("api/v1/host")]
    public async Task Before_recovery_has_ended_nothing_is_said(string path)
    {
        await using var api = await ApiUnderTest.StartAsync(isRecovered: false);

        var (response, problem) = await api.RefusedAsync("GET", path);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.EndsWith(ProblemTypes.NotReady, problem.Type);
    }

    [Fact]
    public async Task The_host_is_the_one_that_it_runs_on()
    {
        await using var api = await ApiUnderTest.StartAsync();

        var host = await GetAsync(api, "host", ContractsJson.Default.HostInfo);

        Assert.Equal((Environment.MachineName, Environment.ProcessId), (host.Name, host.Controller.Pid));
        Assert.Equal(Environment.ProcessorCount, host.Cpu.Processors);
        Assert.Null(host.Cpu.UsedPercent);
        Assert.InRange(host.Memory.AvailableBytes, 1, host.Memory.TotalBytes);
        var disk = Assert.Single(host.Disks);
        Assert.Equal("state", disk.Use);
        Assert.InRange(disk.FreeBytes, 0, disk.TotalBytes);
        Assert.All(host.Fill, f => Assert.InRange(f.Used, 0, f.Limit));
        Assert.True(host.UptimeSeconds > 0 && host.Controller is { ResidentBytes: > 0, OpenFiles: > 0 });
        Assert.True(host.Controller.StartedAt < host.Time);
    }

    private static async Task<JsonNode> AdminAsync(ApiUnderTest api) =>
        JsonNode.Parse(await api.Client.GetStringAsync("api/admin/stats", Token))!;

    private static async Task<T> GetAsync<T>(ApiUnderTest api, string path, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(await api.Client.GetStringAsync($"api/v1/{path}", Token), type)!;

    private static async Task<JsonNode> PostAsync(ApiUnderTest api, string path, string json)
    {
        var content = new StringContent(json, Encoding.UTF8, "application/json");
        var response = await api.Client.PostAsync(path, content, Token);
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }

    private static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
