using MasterController.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class ExternalTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task It_shows_where_addresses_come_from_and_how_many_are_used()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/external",
            Json.ExternalStatus,
            new ExternalStatus(
                "2001:db8:1250::/64",
                "on-link",
                "eth0 has 2001:db8:1250::1/64",
                ["203.0.113.32/28"],
                "20000-29999",
                [
                    new ExternalCount("ipv6", 18_446_744_073_709_551_616m, 3, 0, 2, 18_446_744_073_709_551_611m),
                    new ExternalCount("ipv4", 16, 1, 1, 2, 12),
                ]
            )
        );

        var run = await CliRun.Of(daemon, "external", "show");

        Assert.Equal(
            """
            IPv6 prefix    2001:db8:1250::/64
            Delivery       on-link: eth0 has 2001:db8:1250::1/64
            Extra IPv4     203.0.113.32/28
            Forward ports  20000-29999

            KIND       TOTAL  USED  COOLING  RESERVED        FREE
            ipv6  about 2^64     3        0         2  about 2^64
            ipv4          16     1        1         2          12

            """,
            run.Out
        );
    }

    [Fact]
    public async Task Addresses_say_whose_they_are_and_when_they_are_free()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/external/addresses",
            Json.DedicatedAddressList,
            new DedicatedAddressList(
                [
                    new("203.0.113.33", "ipv4", "used", "vm-1", "web-1", Samples.Start, null),
                    new("203.0.113.34", "ipv4", "cooling", "vm-2", null, Samples.Start, Samples.Start.AddSeconds(70)),
                ],
                2
            )
        );
        var surroundings = new Surroundings
        {
            Socket = daemon.Socket,
            Time = new FakeTimeProvider(Samples.Start.AddSeconds(40)),
        };

        var run = await CliRun.With(surroundings, "external", "addresses", "--kind", "ipv4");

        Assert.Equal(
            """
            ADDRESS       KIND  STATE    VM     SINCE  FREE IN
            203.0.113.33  ipv4  used     web-1  40s    -
            203.0.113.34  ipv4  cooling  vm-2   40s    30s

            """,
            run.Out
        );
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task A_check_shows_each_piece_and_fails_where_one_does(bool passed, int code)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "POST /api/v1/vms/web-1/external-check",
            Json.ExternalCheck,
            new ExternalCheck(
                "vm-web-1",
                "web-1",
                passed,
                [
                    new("203.0.113.33", "route", true, "to fcc0a86402"),
                    new("203.0.113.33", "guest", passed, passed ? "answers" : "no answer in 1 s"),
                    new("203.0.113.33", "reachable", null, "no probe is configured (external.probe_url)"),
                ]
            )
        );

        var run = await CliRun.Of(daemon, "external", "check", "web-1");

        Assert.Equal(code, run.Code);
        Assert.Equal(
            $"""
               SUBJECT       CHECK      FOUND
            ✓  203.0.113.33  route      to fcc0a86402
            {(passed ? '✓' : '✗')}  203.0.113.33  guest      {(passed ? "answers" : "no answer in 1 s")}
            ?  203.0.113.33  reachable  no probe is configured (external.probe_url)

            """,
            run.Out
        );
    }

    [Fact]
    public async Task History_is_listed_and_rolled_back()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/external/history",
            Json.ExternalChangeList,
            new ExternalChangeList([ExternalSamples.Change("attach-address", planned: false)], 1)
        );
        daemon.On(
            "POST /api/v1/external/history/ext_1/rollback",
            Json.ExternalChange,
            ExternalSamples.Change("rollback", planned: true)
        );

        var list = await CliRun.Of(daemon, "external", "history", "--address", "203.0.113.33");
        var undo = await CliRun.Of(daemon, "external", "rollback", "ext_1", "--plan");

        Assert.Equal(
            """
            ID     TIME                  ACTION          BY            WHAT
            ext_1  2026-01-02 03:04:05Z  attach-address  uid:0 (root)  web-1 is reached by all of it

            """,
            list.Out
        );
        Assert.Equal("undo one: mctl external rollback ID --plan\n", list.Err);
        Assert.Equal("?address=203.0.113.33", daemon.AskedFor[0].Query);
        Assert.Equal("nothing has been changed; do it: mctl external rollback ext_1\n", undo.Err);
    }
}
