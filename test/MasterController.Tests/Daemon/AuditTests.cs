using System.Net;
using System.Text;
using System.Text.Json;
using MasterController.Contracts;
using MasterController.Core.Store;
using MasterController.Daemon.Endpoints;
using Xunit;
using CoreEntry = MasterController.Core.Access.AuditEntry;

namespace MasterController.Tests.Daemon;

public sealed class AuditTests
{
    private const string Pool = """{"name": "lab", "ranges": [{"cidr": "10.9.0.0/24"}]}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_is_entered_with_who_what_before_and_after()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var client = api.Tcp(await api.KeyAsync("admin", name: "ci"));
        await SendAsync(client, "POST", "api/v1/pools", Pool);
        await SendAsync(client, "DELETE", "api/v1/pools/lab");
        var (deleted, created) = (await ReadAsync(api, "")) switch
        {
            [var second, var first] => (second, first),
            var other => throw new InvalidOperationException($"{other.Count} entries"),
        };
        Assert.StartsWith("key:ci (k-", created.Actor, StringComparison.Ordinal);
        Assert.Equal(
            ("admin", "createPool", "lab", "POST", "/api/v1/pools", 201),
            (created.Role, created.Action, created.Subject, created.Method, created.Path, created.Status)
        );
        Assert.Equal(
            "10.9.0.0/24",
            (string?)created.Request!.Value.GetProperty("ranges")[0].GetProperty("cidr").GetString()
        );
        Assert.Null(created.Before);
        Assert.Equal("lab", created.After!.Value.GetProperty("name").GetString());
        Assert.Equal(
            ("deletePool", "lab", 204, null),
            (deleted.Action, deleted.Subject, deleted.Status, deleted.Error)
        );
        Assert.Equal(253, deleted.Before!.Value.GetProperty("total").GetInt32());
        Assert.Null(deleted.After);
    }

    [Fact]
    public async Task The_entry_is_stored_before_the_change()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await SendAsync(api.Client, "POST", "api/v1/pools", Pool);
        var kinds = api.Store.Commits.SelectMany(c => c).Select(c => c.GetType().Name).ToArray();
        var (asked, done) = (Array.IndexOf(kinds, "AuditSaved"), Array.IndexOf(kinds, "PoolSaved"));
        Assert.True(
            asked >= 0 && asked < done && done < Array.LastIndexOf(kinds, "AuditSaved"),
            string.Join(' ', kinds)
        );
    }

    [Fact]
    public async Task What_is_refused_is_entered_also_and_what_is_read_is_not()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var viewer = api.Tcp(await api.KeyAsync("viewer", name: "watch"));
        using var nobody = api.Tcp();
        await SendAsync(viewer, "GET", "api/v1/vms");
        await SendAsync(nobody, "DELETE", "api/v1/pools/lab");
        await SendAsync(viewer, "DELETE", "api/v1/pools/lab");
        await SendAsync(api.Client, "POST", "api/v1/pools", """{"name": "lab"}""");
        await SendAsync(api.Client, "POST", "api/v1/pools", "{");
        var refused = await ReadAsync(api, "?status=refused");
        Assert.Equal([400, 400, 403], refused.Select(e => e.Status));
        Assert.Null(refused[0].Request);
        Assert.Equal("invalid-request: ranges: at least one range is required", refused[1].Error);
        Assert.Equal(("deletePool", "lab", "viewer"), (refused[2].Action, refused[2].Subject, refused[2].Role));
        Assert.StartsWith("forbidden: this needs the role \"admin\"", refused[2].Error, StringComparison.Ordinal);
        Assert.Empty(await ReadAsync(api, "?status=done"));
    }

    [Fact]
    public async Task A_vm_is_entered_by_its_id()
    {
        await using var api = await ApiUnderTest.StartAsync();
        api.AddVms(Vms.TestVms.Record("vm-1", "web", Core.Vms.VmStatus.Stopped));
        await SendAsync(api.Client, "PUT", "api/v1/vms/web/rate-limit", """{"outBytesPerSecond": 5000}""");
        var entry = Assert.Single(await ReadAsync(api, "?subject=vm-1"));
        Assert.Equal(("setVmRateLimit", "/api/v1/vms/web/rate-limit"), (entry.Action, entry.Path));
        Assert.Equal("web", entry.Before!.Value.GetProperty("name").GetString());
        Assert.Equal(
            5000,
            entry.After!.Value.GetProperty("rateLimit").GetProperty("limit").GetProperty("outBytesPerSecond").GetInt32()
        );
    }

    [Fact]
    public async Task A_key_is_entered_without_its_secret()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var body = await SendAsync(api.Client, "POST", "api/v1/keys", """{"name": "ci", "role": "viewer"}""");
        var created = JsonSerializer.Deserialize(body, ContractsJson.Default.CreatedApiKey)!;
        await SendAsync(api.Client, "DELETE", "api/v1/keys/ci");
        var entries = await ReadAsync(api, $"?subject={created.Key.Id}");
        Assert.Equal(["revokeKey", "createKey"], entries.Select(e => e.Action));
        Assert.Equal("ci", entries[0].Before!.Value.GetProperty("name").GetString());
        Assert.Equal("viewer", entries[1].After!.Value.GetProperty("role").GetString());
        var all = await api.Client.GetStringAsync("api/v1/audit", Cancelled);
        Assert.DoesNotContain(Core.Access.ApiKeySecret.Prefix, all, StringComparison.Ordinal);
        Assert.DoesNotContain("hash", all, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Entries_are_found_by_what_they_have()
    {
        await using var api = await ApiUnderTest.StartAsync();
        for (var i = 1; i <= 5; i++)
            await api.Store.CommitAsync(new StoreChange.AuditSaved(Entry(i)));
        Assert.Equal([5, 4, 3, 2, 1], await IdsAsync(api, ""));
        Assert.Equal([4, 2], await IdsAsync(api, "?actor=even"));
        Assert.Equal([3], await IdsAsync(api, "?action=act-3"));
        Assert.Equal([3, 2], await IdsAsync(api, "?from=1970-01-02T02:00:00Z&to=1970-01-02T03:00:00Z"));
        Assert.Equal([5, 4], await IdsAsync(api, "?limit=2"));
        Assert.Equal([3, 2], await IdsAsync(api, "?limit=2&cursor=4"));
    }

    [Theory]
    [InlineData("?status=maybe", "status", "\"maybe\" is not one of refused, done")]
    [InlineData("?cursor=x", "cursor", "\"x\" is not the next of a page")]
    [InlineData("?from=today", "from", "\"today\" is not a time")]
    [InlineData("?format=xml", "format", "\"xml\" is not one of json, csv")]
    [InlineData("?actr=x", "actr", "unknown parameter (did you mean \"actor\"?)")]
    public async Task A_bad_query_is_named(string query, string field, string expected)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (_, problem) = await api.RefusedAsync("GET", $"api/v1/audit{query}");
        Assert.Contains(expected, problem.Errors![field][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_of_it_is_exported_as_a_table()
    {
        await using var api = await ApiUnderTest.StartAsync();
        for (var i = 1; i <= 1203; i++)
            await api.Store.CommitAsync(new StoreChange.AuditSaved(Entry(i)));
        using var response = await api.Client.GetAsync("api/v1/audit?format=csv", Cancelled);
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        var lines = (await response.Content.ReadAsStringAsync(Cancelled)).Split("\r\n");
        Assert.Equal((1205, ""), (lines.Length, lines[^1]));
        Assert.StartsWith("id,time,actor", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("1203,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("1,", lines[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_spreadsheet_would_run_is_text_and_quotes_are_doubled()
    {
        var row = AuditCsv.Row(
            Entry(1) with
            {
                Actor = "=1+1",
                Subject = "@x",
                Error = "a \"b\"\r\nc",
                Request = """{"a":1,"b":2}""",
            }
        );
        Assert.Equal(
            "1,1970-01-02T01:00:00.0000000+00:00,'=1+1,admin,act-1,'@x,POST,/api/v1/x,200,\"a \"\"b\"\"\r\nc\",,\"{\"\"a\"\":1,\"\"b\"\":2}\",,\r\n",
            row
        );
    }

    [Fact]
    public void Secrets_in_a_body_are_not_kept()
    {
        using var body = JsonDocument.Parse(
            """{"url": "https://a", "secret": "hush", "auth": {"apiToken": ["one", {"x": 2}], "user": "u"}, "password": null}"""
        );
        Assert.Equal(
            """{"url":"https://a","secret":"(secret)","auth":{"apiToken":["(secret)",{"x":"(secret)"}],"user":"u"},"password":null}""",
            MasterController.Daemon.Access.AuditBody.Write(body.RootElement)
        );
        using var large = JsonDocument.Parse($"\"{new string('x', 70_000)}\"");
        Assert.Equal("""{"omittedBytes":70002}""", MasterController.Daemon.Access.AuditBody.Write(large.RootElement));
    }

    [Fact]
    public async Task An_operation_and_a_pools_history_say_who_asked()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var client = api.Tcp(await api.KeyAsync("admin", name: "ci"));
        await SendAsync(client, "POST", "api/v1/pools", Pool);
        var history = JsonSerializer.Deserialize(
            await api.Client.GetStringAsync("api/v1/pools/lab/history", Cancelled),
            ContractsJson.Default.PoolVersionList
        )!;
        Assert.StartsWith("key:ci (", Assert.Single(history.Items).By, StringComparison.Ordinal);
        var planned = JsonSerializer.Deserialize(
            await SendAsync(
                client,
                "POST",
                "api/v1/pools/lab/plans",
                """{"action": "add-range", "cidr": "10.8.0.0/24"}"""
            ),
            ContractsJson.Default.PoolPlan
        )!;
        var operation = JsonSerializer.Deserialize(
            await SendAsync(client, "POST", $"api/v1/pools/lab/plans/{planned.Id}/apply"),
            ContractsJson.Default.Operation
        )!;
        Assert.StartsWith("key:ci (", operation.By, StringComparison.Ordinal);
        var entry = Assert.Single(await ReadAsync(api, "?action=applyPlan"));
        Assert.Equal(("lab", operation.Id, 202), (entry.Subject, entry.OperationId, entry.Status));
        Assert.Equal(
            "controller",
            new Core.Operations.OperationJournal(api.Store, api.Events, TimeProvider.System)
                .Begin("image.build", "golden", "one")
                .Current.By
        );
    }

    private static CoreEntry Entry(long id) =>
        new(
            id,
            DateTimeOffset.UnixEpoch.AddDays(1).AddHours(id),
            id % 2 == 0 ? "even" : "odd",
            "admin",
            $"act-{id}",
            "x",
            "POST",
            "/api/v1/x",
            Status: 200
        );

    private static async Task<string> SendAsync(HttpClient client, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, Cancelled);
        return await response.Content.ReadAsStringAsync(Cancelled);
    }

    /// <summary>What is noted when an answer was given may be stored a moment later.</summary>
    private static async Task<IReadOnlyList<AuditEntry>> ReadAsync(ApiUnderTest api, string query)
    {
        while (true)
        {
            var text = await api.Client.GetStringAsync($"api/v1/audit{query}", Cancelled);
            var list = JsonSerializer.Deserialize(text, ContractsJson.Default.AuditList)!;
            var all = JsonSerializer.Deserialize(
                await api.Client.GetStringAsync("api/v1/audit", Cancelled),
                ContractsJson.Default.AuditList
            )!;
            if (all.Items.All(e => e.Status is not null))
                return list.Items;
            await Task.Delay(5, Cancelled);
        }
    }

    private static async Task<IEnumerable<long>> IdsAsync(ApiUnderTest api, string query) =>
        (await ReadAsync(api, query)).Select(e => e.Id);
}
