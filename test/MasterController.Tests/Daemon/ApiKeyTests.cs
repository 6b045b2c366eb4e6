using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using MasterController.Core.Access;
using MasterController.Core.Store;
using MasterController.Daemon.Access;
using Xunit;
using ApiKey = MasterController.Core.Access.ApiKey;

namespace MasterController.Tests.Daemon;

public sealed class ApiKeyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_user_of_the_process_is_known_by_the_socket()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var who = await ReadAsync(api.Client, "api/v1/whoami", ContractsJson.Default.WhoAmI);
        Assert.StartsWith($"uid:{Linux.Sockets.PeerCredentials.OwnUid}", who.Actor, StringComparison.Ordinal);
        Assert.Equal(("admin", null, null), (who.Role, who.Owner, who.Pool));
    }

    [Fact]
    public async Task A_key_is_shown_once_and_known_from_then_on()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var created = await CreateAsync(
            api,
            """{"name": "ci", "role": "operator", "owner": "ann", "expiresInSeconds": 60}"""
        );
        Assert.True(ApiKeySecret.HasForm(created.Secret));
        Assert.Matches("^k-[0-9a-f]{12}$", created.Key.Id);
        foreach (var client in (HttpClient[])[api.Tcp(created.Secret), api.WithKey(created.Secret)])
        {
            using var _ = client;
            var who = await ReadAsync(client, "api/v1/whoami", ContractsJson.Default.WhoAmI);
            Assert.Equal(
                ($"key:ci ({created.Key.Id})", "operator", "ann", created.Key.ExpiresAt),
                (who.Actor, who.Role, who.Owner, who.ExpiresAt)
            );
        }
        var list = await api.Client.GetStringAsync("api/v1/keys", Cancelled);
        Assert.DoesNotContain(created.Secret, list, StringComparison.Ordinal);
        var listed = Assert.Single(JsonSerializer.Deserialize(list, ContractsJson.Default.ApiKeyList)!.Items);
        Assert.Equal(0, listed.LastUsedAt!.Value.Second);
        Assert.StartsWith("uid:", listed.CreatedBy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_store_has_a_hash_and_not_the_secret()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var created = await CreateAsync(api, """{"name": "ci", "role": "viewer"}""");
        var stored = Assert.Single((await api.Store.LoadAsync(Cancelled)).ApiKeys);
        Assert.Equal(Convert.ToHexStringLower(ApiKeySecret.HashOf(created.Secret)), stored.Hash);
        Assert.DoesNotContain(stored.Hash, stored.ToString(), StringComparison.Ordinal);
        var next = new ApiKeyDirectory(api.Store, TimeProvider.System);
        next.Load(await api.Store.LoadAsync(Cancelled));
        Assert.Equal("ci", next.Find(created.Secret)!.Key.Name);
    }

    [Theory]
    [InlineData("Basic YTpi", "is not of the form Bearer KEY")]
    [InlineData("Bearer", "is not of the form Bearer KEY")]
    [InlineData("Bearer mc_short", "does not have the form of one")]
    [InlineData("Bearer mc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "There is no such key")]
    public async Task A_wrong_key_is_refused_also_to_root(string header, string expected)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("GET", "api/v1/vms", header: ("Authorization", header));
        Assert.Equal((HttpStatusCode.Unauthorized, "/problems/unauthenticated"), (response.StatusCode, problem.Type));
        Assert.Contains(expected, problem.Detail, StringComparison.Ordinal);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.DoesNotContain(
            header.Split(' ')[^1],
            problem.Detail!.Replace("Bearer", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_key_that_has_expired_is_refused_and_named()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var secret = ApiKeySecret.New();
        api.Part<ApiKeyDirectory>()
            .Load(
                StoreSnapshot.Empty with
                {
                    ApiKeys =
                    [
                        new ApiKey(
                            "k-0123456789ab",
                            "old",
                            "admin",
                            Owner: null,
                            Pool: null,
                            Convert.ToHexStringLower(ApiKeySecret.HashOf(secret)),
                            DateTimeOffset.UnixEpoch,
                            "controller",
                            DateTimeOffset.UnixEpoch.AddDays(1)
                        ),
                    ],
                }
            );
        var (response, problem) = await api.RefusedAsync(
            "GET",
            "api/v1/vms",
            header: ("Authorization", $"Bearer {secret}")
        );
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("The key \"old\" has expired at 1970-01-02T00:00:00.0000000+00:00.", problem.Detail);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_and_its_streams_end()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var client = api.Tcp(await api.KeyAsync("viewer", name: "ci"));
        using var stream = await client.GetAsync("api/v1/events", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        var revoked = await api.Client.DeleteAsync("api/v1/keys/ci", Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("api/v1/vms", Cancelled)).StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() =>
            stream.Content.ReadAsStringAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled)
        );
        Assert.Empty((await api.Store.LoadAsync(Cancelled)).ApiKeys);
        var (again, problem) = await api.RefusedAsync("DELETE", "api/v1/keys/ci");
        Assert.Equal((HttpStatusCode.NotFound, "There is no key \"ci\"."), (again.StatusCode, problem.Detail));
    }

    [Fact]
    public async Task What_a_key_has_open_ends_when_the_key_does()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var made = await api.Part<ApiKeyDirectory>()
            .CreateAsync("short", "viewer", owner: null, pool: null, TimeSpan.FromSeconds(2));
        using var client = api.Tcp(made!.Value.Secret);
        using var stream = await client.GetAsync("api/v1/events", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() =>
            stream.Content.ReadAsStringAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled)
        );
        Assert.True(made.Value.Key.Key.IsExpiredAt(TimeProvider.System.GetUtcNow()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("api/v1/vms", Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData("{}", "name", "is required")]
    [InlineData("{}", "role", "is required")]
    [InlineData("""{"name": "A b"}""", "name", "\"A b\" is not a name")]
    [InlineData(
        """{"name": "a", "role": "viewr"}""",
        "role",
        "\"viewr\" is not one of viewer, operator, admin (did you mean \"viewer\"?)"
    )]
    [InlineData(
        """{"name": "a", "role": "admin", "owner": "x"}""",
        "owner",
        "\"x\" does not go with the role \"admin\""
    )]
    [InlineData("""{"name": "a", "role": "admin", "pool": "default"}""", "pool", "\"default\" does not go with")]
    [InlineData("""{"name": "a", "role": "viewer", "owner": ""}""", "owner", "has to be 1 to 255 characters")]
    [InlineData("""{"name": "a", "role": "viewer", "pool": "none"}""", "pool", "there is no pool \"none\"")]
    [InlineData("""{"name": "a", "role": "viewer", "expiresInSeconds": 59}""", "expiresInSeconds", "59 is not from 60")]
    public async Task A_bad_wish_is_named_with_its_value(string body, string field, string expected)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/keys", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(expected, problem.Errors![field][0], StringComparison.Ordinal);
        Assert.Empty(api.Part<ApiKeyDirectory>().All);
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await CreateAsync(api, """{"name": "ci", "role": "viewer"}""");
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/keys", """{"name": "ci", "role": "admin"}""");
        Assert.Equal((HttpStatusCode.Conflict, "/problems/name-taken"), (response.StatusCode, problem.Type));
    }

    [Fact]
    public async Task Before_recovery_no_key_is_known_and_root_is()
    {
        await using var api = await ApiUnderTest.StartAsync(isRecovered: false);
        using var client = api.Tcp(await api.KeyAsync("admin"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("api/v1/doctor", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("api/v1/doctor", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("healthz", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_key_that_asks_too_often_is_told_when_it_may_again()
    {
        await using var api = await ApiUnderTest.StartAsync(rates: new RequestRates(1, 3));
        using var client = api.Tcp(await api.KeyAsync("viewer"));
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("api/v1/whoami", Cancelled)).StatusCode);
        using var refused = await client.GetAsync("api/v1/whoami", Cancelled);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        // Whoever has another key, or none but the socket's word, is not held up by that.
        using var other = api.Tcp(await api.KeyAsync("viewer"));
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("api/v1/whoami", Cancelled)).StatusCode);
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("api/v1/whoami", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task An_address_that_fails_too_often_is_told_so_and_a_right_key_still_passes()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var nobody = api.Tcp();
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("api/v1/vms", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await nobody.GetAsync("api/v1/vms", Cancelled)).StatusCode);
        using var client = api.Tcp(await api.KeyAsync("viewer"));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("api/v1/vms", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_key_is_in_no_log_at_whatever_level()
    {
        var logs = new CapturedLogs();
        await using var api = await ApiUnderTest.StartAsync(logs: logs);
        var created = await CreateAsync(api, """{"name": "ci", "role": "viewer"}""");
        using var client = api.Tcp(created.Secret);
        await client.GetAsync("api/v1/vms", Cancelled);
        await client.DeleteAsync("api/v1/vms/none", Cancelled);
        using var wrong = api.Tcp(ApiKeySecret.New()[..^1] + "!");
        await wrong.GetAsync("api/v1/vms", Cancelled);
        var text = logs.Text;
        Assert.Contains("GET /api/v1/vms by key:ci", text, StringComparison.Ordinal);
        Assert.DoesNotContain(ApiKeySecret.Prefix, text, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Convert.ToHexStringLower(ApiKeySecret.HashOf(created.Secret)),
            text,
            StringComparison.Ordinal
        );
    }

    private static async Task<CreatedApiKey> CreateAsync(ApiUnderTest api, string body)
    {
        using var response = await api.Client.PostAsync(
            "api/v1/keys",
            new StringContent(body, Encoding.UTF8, "application/json"),
            Cancelled
        );
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode == HttpStatusCode.Created, text);
        Assert.True(response.Headers.CacheControl!.NoStore);
        return JsonSerializer.Deserialize(text, ContractsJson.Default.CreatedApiKey)!;
    }

    private static async Task<T> ReadAsync<T>(HttpClient client, string path, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(await client.GetStringAsync(path, Cancelled), type)!;
}
