using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class EventHistoryTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    private static Event Of(long id) => new(id, Samples.Start, "vm.failed", "vm-1", $"m{id}", null);

    [Fact]
    public async Task The_past_is_printed_oldest_first_over_all_pages()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/events/history",
            Json.EventList,
            new EventList([Of(9), Of(8)], "8"),
            new EventList([Of(7)], null)
        );

        var run = await CliRun.Of(
            daemon,
            "events",
            "--history",
            "--type",
            "vm",
            "--subject",
            "vm-1",
            "--since",
            "2026-01-31",
            "-o",
            "json"
        );

        Assert.Equal(0, run.Code);
        Assert.Equal([7L, 8, 9], run.OutLines.Select(line => JsonSerializer.Deserialize(line, Json.Event)!.Id));
        Assert.Equal("?type=vm&subject=vm-1&from=2026-01-31T00%3A00%3A00Z&limit=100", daemon.AskedFor[0].Query);
        Assert.EndsWith("&limit=98&cursor=8", daemon.AskedFor[1].Query);
    }

    [Fact]
    public async Task What_is_of_the_past_alone_is_refused_without_history()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var run = await CliRun.Of(daemon, "events", "--since", "2d");
        Assert.Equal(2, run.Code);
        Assert.Contains("--since is of the past: add --history", run.Err);
        Assert.Empty(daemon.AskedFor);
    }
}
