using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class NetworkAdoptTests
{
    private const string Look = "GET /api/v1/network/adoption";
    private const string Adopt = "POST /api/v1/network/adoption";

    private static ContractsJson Json => ContractsJson.Default;

    private static readonly Adoption _adoption = new(
        "others",
        [
            new("fc-1a2b3c4d", "adopt", "06:00:c0:a8:64:32", "192.168.100.50", "default", 4711, "firecracker", null),
            new("fc-5e6f7a8b", "leave", null, null, null, null, null, "the bridge has heard nothing of it lately"),
        ],
        [
            new("link", "change", "make fc-1a2b3c4d a guest of ours", "ip link set fc-1a2b3c4d group 26211"),
            new("link", "change", "make the bridge fcbr0 ours", "ip link set fcbr0 group 26211"),
        ],
        [new("192.168.100.60", "adopted:fc-99999999", "default")]
    );

    [Fact]
    public async Task The_plan_shows_each_tap_what_would_be_done_and_what_has_ended()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Look, Json.Adoption, _adoption);

        var run = await CliRun.Of(daemon, "net", "adopt", "--plan");

        Assert.Equal(0, run.Code);
        Assert.StartsWith("The bridge fcbr0 is an older controller's.\n", run.Out);
        Assert.Contains("fc-1a2b3c4d  192.168.100.50  06:00:c0:a8:64:32  firecracker (4711)  default  adopt", run.Out);
        Assert.Contains("leave   the bridge has heard nothing of it lately", run.Out);
        Assert.Contains("ip link set fcbr0 group 26211", run.Out);
        Assert.Contains("mctl lease delete 192.168.100.60 --owner adopted:fc-99999999 --pool default", run.Out);
        Assert.Contains("Nothing has been changed. Adopt: mctl net adopt", run.Out);
        Assert.Equal(Look, Assert.Single(daemon.AskedFor).Route);
    }

    [Fact]
    public async Task Yes_adopts_and_says_what_was_done()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Look, Json.Adoption, _adoption);
        daemon.On(Adopt, Json.Adoption, _adoption);

        var run = await CliRun.Of(daemon, "net", "adopt", "--yes");

        Assert.Equal(0, run.Code);
        Assert.Contains("Adopted: the bridge and 1 TAP", run.Out);
        Assert.Equal([Look, Adopt], daemon.AskedFor.Select(asked => asked.Route));
    }

    [Theory]
    [InlineData("n", 1, false)]
    [InlineData("y", 0, true)]
    public async Task Whoever_sits_at_a_terminal_is_asked(string typed, int code, bool adopts)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Look, Json.Adoption, _adoption);
        daemon.On(Adopt, Json.Adoption, _adoption);

        var run = await CliRun.With(
            new Surroundings
            {
                Socket = daemon.Socket,
                ErrIsTerminal = true,
                Typed = new([typed]),
            },
            "net",
            "adopt"
        );

        Assert.Equal(code, run.Code);
        Assert.Contains("Adopt? [y/N]", run.Err);
        Assert.Equal(adopts, daemon.AskedFor.Any(asked => asked.Route == Adopt));
    }

    [Fact]
    public async Task Without_a_terminal_and_without_yes_nothing_is_asked_of_the_daemon()
    {
        await using var daemon = await FakeDaemon.StartAsync();

        var run = await CliRun.Of(daemon, "net", "adopt");

        Assert.Equal(2, run.Code);
        Assert.Contains("--yes", run.Err);
        Assert.Empty(daemon.AskedFor);
    }

    [Theory]
    [InlineData("none", "There is no bridge fcbr0.")]
    [InlineData("ours", "The bridge fcbr0 is ours.")]
    [InlineData("not-a-bridge", "fcbr0 is no bridge; it cannot be adopted.")]
    public async Task Where_there_is_nothing_to_adopt_it_says_so(string bridge, string line)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Look, Json.Adoption, new Adoption(bridge, [], [], []));

        var run = await CliRun.Of(daemon, "net", "adopt", "--plan");

        Assert.Equal((0, $"{line}\n\nThere is nothing to adopt.\n"), (run.Code, run.Out));
    }

    [Fact]
    public async Task Programs_get_json_and_names()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Look, Json.Adoption, _adoption);

        var json = await CliRun.Of(daemon, "net", "adopt", "--plan", "-o", "json");
        var quiet = await CliRun.Of(daemon, "net", "adopt", "--plan", "-q");

        Assert.Equal(2, JsonSerializer.Deserialize(json.Out, Json.Adoption)!.Ports.Count);
        Assert.Equal("fc-1a2b3c4d\n", quiet.Out);
    }
}
