using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class KeyTests
{
    private const string Secret = "mc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private static readonly ContractsJson Json = ContractsJson.Default;
    private static readonly ApiKey Key = new(
        "k-0123456789ab",
        "ci",
        "operator",
        "ann",
        null,
        Samples.Start,
        "uid:0 (root)",
        Samples.Start.AddDays(30),
        Expired: false,
        LastUsedAt: null
    );

    [Fact]
    public async Task The_secret_alone_goes_to_standard_output()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/keys", Json.CreatedApiKey, new CreatedApiKey(Key, Secret), 201);

        var run = await CliRun.Of(
            daemon,
            ["key", "create", "ci", "--role", "operator", "--owner", "ann", "--expires", "30d"]
        );

        Assert.Equal((0, $"{Secret}\n"), (run.Code, run.Out));
        Assert.Contains("ci (k-0123456789ab), operator, until", run.Err);
        Assert.Equal(
            """{"name":"ci","role":"operator","owner":"ann","pool":null,"expiresInSeconds":2592000}""",
            Assert.Single(daemon.AskedFor).Body
        );
    }

    [Theory]
    [InlineData("key create ci", "which role?")]
    [InlineData("key create ci --role root", "--role: 'root' is none of viewer, operator, admin")]
    [InlineData("key create ci --role viewer --expires 5s", "--expires: '5s' is no duration")]
    [InlineData("audit --from yesterday", "--from: 'yesterday' is no time")]
    [InlineData("audit --csv -q", "--csv and --output or --quiet exclude each other")]
    public async Task What_cannot_be_is_refused_before_the_daemon_is_asked(string words, string error)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var run = await CliRun.Of(daemon, words.Split(' '));
        Assert.Equal(2, run.Code);
        Assert.Contains(error, run.Err);
        Assert.Empty(daemon.AskedFor);
    }

    [Fact]
    public async Task Keys_are_listed_and_revoked()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/keys",
            Json.ApiKeyList,
            new ApiKeyList([Key, Key with { Name = "old", Expired = true }])
        );
        daemon.On(
            "DELETE /api/v1/keys/ci",
            context =>
            {
                context.Response.StatusCode = 204;
                return Task.CompletedTask;
            }
        );

        var list = await CliRun.Of(daemon, ["key", "list"]);
        Assert.StartsWith("NAME  ID", list.OutLines[0]);
        Assert.Contains("expired", list.OutLines[2]);
        Assert.Equal((0, "ci revoked\n"), await CodeAndOutAsync(daemon, "key revoke ci"));
    }

    [Fact]
    public async Task The_key_of_the_environment_or_of_a_file_is_sent()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/whoami",
            Json.WhoAmI,
            new WhoAmI("key:ci (k-0123456789ab)", "viewer", "ann", null, null)
        );
        var surroundings = new Surroundings
        {
            Socket = daemon.Socket,
            Environment = { ["MASTER_CONTROLLER_KEY"] = Secret },
        };
        var run = await CliRun.With(surroundings, "whoami");
        Assert.Equal(0, run.Code);
        Assert.Contains("key:ci (k-0123456789ab)", run.Out);

        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, $"{Secret[..^1]}B\n", TestContext.Current.CancellationToken);
            Assert.Equal(0, (await CliRun.With(Again(surroundings), "whoami", "--key-file", file)).Code);
            await File.WriteAllTextAsync(file, "two words", TestContext.Current.CancellationToken);
            var wrong = await CliRun.With(Again(surroundings), "whoami", "--key-file", file);
            Assert.Equal(2, wrong.Code);
            Assert.Contains("is no key", wrong.Err);
            Assert.DoesNotContain("two words", wrong.Err);
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Equal(
            [$"Bearer {Secret}", $"Bearer {Secret[..^1]}B"],
            daemon.AskedFor.Select(asked => asked.Headers["Authorization"])
        );
        Assert.Equal(0, (await CliRun.Of(daemon, ["whoami"])).Code);
        Assert.DoesNotContain("Authorization", daemon.AskedFor[^1].Headers.Keys);
    }

    [Fact]
    public async Task The_audit_log_is_read_page_by_page()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/audit",
            Json.AuditList,
            new AuditList([Entry(3), Entry(2)], "2"),
            new AuditList([Entry(1) with { Status = null }], null)
        );

        var run = await CliRun.Of(daemon, ["audit", "--actor", "uid:0 (root)", "--status", "refused", "--limit", "3"]);

        Assert.Equal(0, run.Code);
        Assert.Equal(4, run.OutLines.Length);
        Assert.Contains("403", run.OutLines[1]);
        Assert.Contains("interrupted", run.OutLines[3]);
        Assert.Equal("?actor=uid%3A0%20%28root%29&status=refused&limit=3", daemon.AskedFor[0].Query);
        Assert.EndsWith("&limit=1&cursor=2", daemon.AskedFor[1].Query);
    }

    [Fact]
    public async Task A_table_for_spreadsheets_is_passed_on_as_it_comes()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/audit",
            async context =>
            {
                context.Response.ContentType = "text/csv";
                await context.Response.Body.WriteAsync("id,time\r\n1,\"a,b\"\r\n"u8.ToArray());
            }
        );
        Assert.Equal((0, "id,time\r\n1,\"a,b\"\r\n"), await CodeAndOutAsync(daemon, "audit --csv"));
        Assert.Equal("?format=csv", Assert.Single(daemon.AskedFor).Query);
    }

    private static AuditEntry Entry(long id) =>
        new(
            id,
            Samples.Start,
            "uid:0 (root)",
            "admin",
            "deleteVm",
            "vm-1",
            "DELETE",
            "/api/v1/vms/web",
            403,
            "forbidden: no",
            null,
            null,
            null,
            null
        );

    private static Surroundings Again(Surroundings with) =>
        new() { Socket = with.Socket, Environment = with.Environment };

    private static async Task<(int, string)> CodeAndOutAsync(FakeDaemon daemon, string words)
    {
        var run = await CliRun.Of(daemon, words.Split(' '));
        return (run.Code, run.Out);
    }
}
