using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class WebHookTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    private static readonly WebHook _hook = new(
        "ci",
        "https://ci.example.com/x",
        ["vm"],
        Samples.Start,
        41,
        "retrying",
        "the receiver answered 500",
        null,
        Samples.Start.AddMinutes(1),
        7,
        0
    );

    [Fact]
    public async Task A_hook_is_created_and_its_secret_printed_once()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/webhooks", Json.CreatedWebHook, new CreatedWebHook(_hook, "whsec_abc"));
        string[] words = ["webhook", "create", "ci", "https://ci.example.com/x", "--event", "vm", "--event", "pool"];

        var run = await CliRun.Of(daemon, words);
        Assert.Equal((0, "ci created\nwhsec_abc\n"), (run.Code, run.Out));
        Assert.Contains("not shown again", run.Err);
        Assert.Equal(
            """{"name":"ci","url":"https://ci.example.com/x","events":["vm","pool"],"secret":null}""",
            daemon.AskedFor[0].Body
        );
        Assert.Equal("whsec_abc\n", (await CliRun.Of(daemon, [.. words, "-q"])).Out);
    }

    [Fact]
    public async Task A_secret_of_ones_own_comes_from_a_file_and_is_not_printed()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/webhooks", Json.CreatedWebHook, new CreatedWebHook(_hook, "0123456789abcdef"));
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "0123456789abcdef\n", TestContext.Current.CancellationToken);

        var run = await CliRun.Of(daemon, "webhook", "create", "ci", "http://x", "--secret-file", path);
        Assert.Equal((0, "ci created\n"), (run.Code, run.Out));
        Assert.Contains("\"secret\":\"0123456789abcdef\"", daemon.AskedFor[0].Body);
        File.Delete(path);
        var missing = await CliRun.Of(daemon, "webhook", "create", "ci", "http://x", "--secret-file", path);
        Assert.Equal(2, missing.Code);
        Assert.Contains("--secret-file", missing.Err);
    }

    [Fact]
    public async Task Hooks_are_listed_and_shown_with_what_keeps_them()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/webhooks", Json.WebHookList, new WebHookList([_hook]));
        daemon.On("GET /api/v1/webhooks/ci", Json.WebHook, _hook);

        var list = await CliRun.Of(daemon, "webhook", "list");
        Assert.Contains("ci    retrying  vm      7", list.Out);
        var show = await CliRun.Of(daemon, "webhook", "show", "ci");
        Assert.Contains("the receiver answered 500", show.Out);
    }

    [Theory]
    [InlineData(true, 0, "delivered in 12 ms: the receiver answered 204\n")]
    [InlineData(false, 1, "not delivered: it hung up\n")]
    public async Task A_test_ends_as_the_delivery_did(bool isDelivered, int code, string text)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var test = new WebHookTest(isDelivered, isDelivered ? 204 : null, isDelivered ? null : "it hung up", 12);
        daemon.On("POST /api/v1/webhooks/ci/test", Json.WebHookTest, test);
        var run = await CliRun.Of(daemon, "webhook", "test", "ci");
        Assert.Equal((code, text), (run.Code, run.Out));
    }
}
