using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Tests.Vms;
using Xunit;

namespace MasterController.Tests.Daemon;

/// <summary>Two owners with a VM each: what a caller of one is told of the other.</summary>
public sealed class ScopeTests : IAsyncLifetime
{
    private ApiUnderTest _api = null!;
    private HttpClient _ann = null!;
    private HttpClient _lab = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiUnderTest.StartAsync();
        await _api.Client.PostAsync(
            "api/v1/pools",
            Json("""{"name": "lab", "ranges": [{"cidr": "10.9.0.0/24"}]}"""),
            Cancelled
        );
        _api.AddVms(
            TestVms.Record("vm-ann", "web", VmStatus.Stopped),
            TestVms.Record("vm-bob", "db", VmStatus.Stopped, minute: 1) with
            {
                Owner = "bob",
                Pool = "lab",
            }
        );
        _ann = _api.Tcp(await _api.KeyAsync("operator", owner: "ann"));
        _lab = _api.Tcp(await _api.KeyAsync("operator", pool: "lab"));
    }

    public async ValueTask DisposeAsync()
    {
        _ann.Dispose();
        _lab.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Each_sees_its_own_vms_alone()
    {
        Assert.Equal(["vm-ann"], await VmsAsync(_ann, ""));
        Assert.Equal(["vm-bob"], await VmsAsync(_lab, ""));
        Assert.Empty(await VmsAsync(_ann, "?owner=bob"));
        Assert.Empty(await VmsAsync(_ann, "?pool=lab"));
        Assert.Empty(await VmsAsync(_lab, "?pool=default"));
        Assert.Equal(["vm-ann", "vm-bob"], await VmsAsync(_api.Client, ""));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "/start")]
    [InlineData("POST", "/stop")]
    [InlineData("GET", "/console")]
    [InlineData("GET", "/traffic")]
    [InlineData("PUT", "/egress")]
    [InlineData("POST", "/open")]
    [InlineData("POST", "/addresses")]
    public async Task A_vm_outside_is_as_one_that_is_not_there(string method, string rest)
    {
        foreach (var name in (string[])["db", "vm-bob", "none"])
        {
            var (status, problem) = await RefusedAsync(_ann, method, $"api/v1/vms/{name}{rest}");
            Assert.Equal((HttpStatusCode.NotFound, $"There is no VM \"{name}\"."), (status, problem.Detail));
        }
    }

    [Theory]
    [InlineData("""{"owner": "bob"}""", "owner", "\"bob\"")]
    [InlineData("""{"owner": ""}""", "owner", "\"\"")]
    public async Task A_vm_of_another_is_not_created(string body, string field, string value)
    {
        var (status, problem) = await RefusedAsync(_ann, "POST", "api/v1/vms", body);
        Assert.Equal((HttpStatusCode.Forbidden, "/problems/forbidden"), (status, problem.Type));
        Assert.Equal($"{value} does not belong to the owner \"ann\"", problem.Errors![field][0]);
    }

    [Fact]
    public async Task A_vm_in_another_pool_is_not_created()
    {
        var (status, problem) = await RefusedAsync(_lab, "POST", "api/v1/vms", """{"pool": "default"}""");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal("\"default\" does not belong to the pool \"lab\"", problem.Errors!["pool"][0]);
    }

    [Fact]
    public async Task Pools_are_read_by_those_of_the_pool()
    {
        var pools = await ReadAsync(_lab, "api/v1/pools", ContractsJson.Default.PoolList);
        Assert.Equal("lab", Assert.Single(pools.Items).Name);
        Assert.Empty((await ReadAsync(_ann, "api/v1/pools", ContractsJson.Default.PoolList)).Items);
        Assert.Equal(HttpStatusCode.OK, (await _lab.GetAsync("api/v1/pools/lab", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _lab.GetAsync("api/v1/pools/lab/history", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _lab.GetAsync("api/v1/pools/default", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _ann.GetAsync("api/v1/pools/lab", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Leases_are_those_of_the_owner()
    {
        var own = await _ann.PostAsync("api/v1/pools/lab/leases", Json("{}"), Cancelled);
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
        var (status, problem) = await RefusedAsync(_ann, "POST", "api/v1/pools/lab/leases", """{"owner": "bob"}""");
        Assert.Equal((HttpStatusCode.Forbidden, "owner"), (status, problem.Errors!.Keys.Single()));
        await _lab.PostAsync("api/v1/pools/lab/leases", Json("""{"owner": "bob"}"""), Cancelled);
        var seen = await ReadAsync(_ann, "api/v1/pools/lab/leases", ContractsJson.Default.LeaseList);
        Assert.Equal("ann", Assert.Single(seen.Items).Owner);
        Assert.Empty(
            (await ReadAsync(_ann, "api/v1/pools/lab/leases?owner=bob", ContractsJson.Default.LeaseList)).Items
        );
        Assert.Equal(2, (await ReadAsync(_lab, "api/v1/pools/lab/leases", ContractsJson.Default.LeaseList)).Total);
        (status, _) = await RefusedAsync(_ann, "DELETE", "api/v1/pools/lab/leases/10.9.0.3?owner=bob");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        (status, _) = await RefusedAsync(_lab, "POST", "api/v1/pools/default/leases", """{"owner": "bob"}""");
        Assert.Equal(HttpStatusCode.NotFound, status);
    }

    [Fact]
    public async Task Operations_and_events_are_those_of_its_vms()
    {
        await _api.Journal.Begin("vm.start", "vm-ann", "boot").SucceedAsync();
        var other = _api.Journal.Begin("vm.start", "vm-bob", "boot");
        await other.SucceedAsync();
        var seen = await ReadAsync(_ann, "api/v1/operations", ContractsJson.Default.OperationList);
        Assert.Equal("vm-ann", Assert.Single(seen.Items).Subject);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await RefusedAsync(_ann, "GET", $"api/v1/operations/{other.Id}")).Status
        );

        var visible = new ScopedSubjects(
            new Caller("key:a", Role.Viewer, new Scope("ann", Pool: null), ExpiresAt: null, IsLimited: true),
            _api.Part<VmLifecycle>(),
            _api.Journal
        );
        Assert.True(visible.Has("vm-ann"));
        Assert.True(visible.Has(seen.Items[0].Id));
        Assert.False(visible.Has("vm-bob"));
        Assert.False(visible.Has("web"));
        Assert.False(visible.Has(other.Id));
        Assert.False(visible.Has("lab"));
    }

    [Fact]
    public async Task Forwards_addresses_and_the_past_are_those_of_its_vms()
    {
        var (status, problem) = await RefusedAsync(
            _ann,
            "POST",
            "api/v1/forwards",
            """{"vm": "db", "guestPorts": "80"}"""
        );
        Assert.Equal((HttpStatusCode.NotFound, "There is no VM \"db\"."), (status, problem.Detail));
        (status, _) = await RefusedAsync(_ann, "GET", "api/v1/forwards?vm=db");
        Assert.Equal(HttpStatusCode.NotFound, status);
        (status, problem) = await RefusedAsync(_ann, "DELETE", "api/v1/forwards/fwd-1");
        Assert.Equal((HttpStatusCode.NotFound, "There is no forward \"fwd-1\"."), (status, problem.Detail));
        (status, _) = await RefusedAsync(_ann, "GET", "api/v1/external/history");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        (status, _) = await RefusedAsync(_ann, "GET", "api/v1/external/history?vm=db");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal(HttpStatusCode.OK, (await _ann.GetAsync("api/v1/external/history?vm=web", Cancelled)).StatusCode);
        (status, problem) = await RefusedAsync(_ann, "POST", "api/v1/vms/web/addresses", """{"move": true}""");
        Assert.Equal((HttpStatusCode.Forbidden, "move"), (status, problem.Errors!.Keys.Single()));
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<string[]> VmsAsync(HttpClient client, string query) =>
        [.. (await ReadAsync(client, $"api/v1/vms{query}", ContractsJson.Default.VmList)).Items.Select(vm => vm.Id)];

    private static async Task<T> ReadAsync<T>(HttpClient client, string path, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(await client.GetStringAsync(path, Cancelled), type)!;

    private static async Task<(HttpStatusCode Status, Problem Problem)> RefusedAsync(
        HttpClient client,
        string method,
        string path,
        string? body = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = Json(body);
        using var response = await client.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        return (response.StatusCode, JsonSerializer.Deserialize(text, ContractsJson.Default.Problem)!);
    }
}
