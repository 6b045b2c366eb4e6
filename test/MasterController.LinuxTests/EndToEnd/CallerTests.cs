using System.Net;
using System.Text.Json;
using MasterController.Contracts;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>Users of the host at the real controller's socket.</summary>
public sealed class CallerTests
{
    private const uint Somebody = 4711;

    [Fact]
    public async Task Root_and_the_group_may_and_others_need_a_key()
    {
        // A group that every Debian has, and that root is no member of.
        await using var host = await TestHost.StartAsync(
            image: null,
            "socket_group = \"users\"\nnetwork.mode = \"none\""
        );
        File.SetUnixFileMode(host.Directory, File.GetUnixFileMode(host.Directory) | UnixFileMode.OtherExecute);
        var users = File.ReadLines("/etc/group")
            .First(l => l.StartsWith("users:", StringComparison.Ordinal))
            .Split(':')[2];

        Assert.Equal(200, Ask(host, out var root));
        Assert.Equal(("uid:0 (root)", "admin"), (Who(root).Actor, Who(root).Role));
        Assert.Equal(
            200,
            Ask(host, out var member, ["--reuid", $"{Somebody}", "--regid", $"{Somebody}", "--groups", users])
        );
        Assert.Equal(($"uid:{Somebody}", "admin"), (Who(member).Actor, Who(member).Role));

        string[] stranger = ["--reuid", $"{Somebody}", "--regid", $"{Somebody}", "--clear-groups"];
        Assert.Equal(401, Ask(host, out var refused, stranger));
        Assert.Contains("The user 4711 is neither root nor in the group", refused, StringComparison.Ordinal);

        var made = await host.Api.SendAsync(
            HttpMethod.Post,
            "keys",
            HttpStatusCode.Created,
            ContractsJson.Default.CreatedApiKey,
            ApiClient.Body(new CreateApiKeyRequest("ci", "viewer"), ContractsJson.Default.CreateApiKeyRequest)
        );
        Assert.Equal(200, Ask(host, out var keyed, stranger, made.Secret));
        Assert.Equal("viewer", Who(keyed).Role);
        Assert.Equal(200, Ask(host, out keyed, [], made.Secret));
        Assert.Equal("viewer", Who(keyed).Role);
        Assert.DoesNotContain("mc_", host.Log, StringComparison.Ordinal);

        // Stores what was noted of the answers, which nobody has waited for.
        await host.Api.GetAsync("audit", ContractsJson.Default.AuditList);
        await host.KillControllerAsync();
        await host.StartControllerAsync();
        Assert.Equal(200, Ask(host, out _, stranger, made.Secret));
        var audit = await host.Api.GetAsync("audit", ContractsJson.Default.AuditList);
        Assert.Equal(
            ("createKey", "uid:0 (root)", 201),
            (audit.Items[^1].Action, audit.Items[^1].Actor, audit.Items[^1].Status)
        );
    }

    private static WhoAmI Who(string body) => JsonSerializer.Deserialize(body, ContractsJson.Default.WhoAmI)!;

    private static int Ask(TestHost host, out string body, string[]? identity = null, string? secret = null)
    {
        string[] curl =
        [
            "curl",
            "--silent",
            "--unix-socket",
            host.Socket,
            .. secret is null ? Array.Empty<string>() : ["--header", $"Authorization: Bearer {secret}"],
            "--write-out",
            "\n%{http_code}",
            "http://localhost/api/v1/whoami",
        ];
        var output = identity is { Length: > 0 }
            ? host.Run("setpriv", [.. identity, .. curl])
            : host.Run(curl[0], curl[1..]);
        var end = output.LastIndexOf('\n');
        body = output[..end];
        return int.Parse(output[(end + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
