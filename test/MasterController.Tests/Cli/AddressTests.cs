using MasterController.Cli.Commands;
using MasterController.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class AddressTests
{
    private const string Why = "GET /api/v1/addresses/192.168.7.9";
    private const string History = $"{Why}/history";
    private static readonly ContractsJson Json = ContractsJson.Default;
    private static readonly AddressKernel _nothing = new(null, null, [], null);

    private static readonly AddressInfo _leased = new(
        "192.168.7.9",
        "leased",
        "it is leased to \"vm-0123456789ab\"",
        "default",
        new PoolRange("192.168.0.0/16", "192.168.0.2", "192.168.255.254", "192.168.0.1", []),
        "vm-0123456789ab",
        "web-1",
        Samples.Start,
        null,
        "op-12",
        new AddressKernel(
            "192.168.7.9 dev fcc0a80709 scope link",
            "192.168.7.9 dev fcc0a80709 lladdr 02:fc:c0:a8:07:09 PERMANENT",
            ["set pool_networks: 192.168.0.0/16", "set vms: 192.168.7.9"],
            null
        )
    );

    private static readonly AddressHistoryList _history = new(
        "192.168.7.9",
        Samples.Start.AddDays(-90),
        null,
        [
            new(Samples.Start, null, "free", null, "default", null, null, "op-3", 2, "expand"),
            new(
                Samples.Start.AddHours(1),
                Samples.Start.AddHours(3),
                "leased",
                null,
                "default",
                "printer",
                null,
                null,
                null,
                null
            ),
            new(
                Samples.Start.AddHours(4),
                null,
                "leased",
                null,
                "default",
                "vm-0123456789ab",
                "web-1",
                "op-12",
                null,
                null
            ),
        ],
        3
    );

    [Fact]
    public async Task Why_says_who_has_an_address_and_what_the_kernel_has_for_it()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Why, Json.AddressInfo, _leased);

        var run = await AtAsync(daemon, Samples.Start.AddHours(3), "ip", "why", "192.168.7.9");

        Assert.Equal(
            """
            192.168.7.9 leased to web-1 (vm-0123456789ab)

            Reason     it is leased to "vm-0123456789ab"
            Since      2026-01-02 03:04:05Z  (3h ago)
            Operation  op-12
            Pool       default
            Range      192.168.0.0/16  (192.168.0.2–192.168.255.254, gateway 192.168.0.1)
            Route      192.168.7.9 dev fcc0a80709 scope link
            Neighbour  192.168.7.9 dev fcc0a80709 lladdr 02:fc:c0:a8:07:09 PERMANENT
            Firewall   set pool_networks: 192.168.0.0/16
                       set vms: 192.168.7.9

            """,
            run.Out
        );
        Assert.Equal("vm-0123456789ab\n", (await CliRun.Of(daemon, "ip", "why", "192.168.7.9", "-q")).Out);
        Assert.Contains(
            "\"state\": \"leased\"",
            (await CliRun.Of(daemon, "ip", "why", "192.168.7.9", "-o", "json")).Out
        );
    }

    [Theory]
    [InlineData("free", null, "free")]
    [InlineData("cooling", "printer", "cooling, last leased to printer")]
    [InlineData("outside-pools", null, "in no pool")]
    [InlineData("outside-range", null, "outside of its range's first to last address")]
    [InlineData("kept-gateway", null, "a former gateway that guests still use")]
    public async Task Why_begins_with_the_answer(string state, string? owner, string said)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var info = new AddressInfo("192.168.7.9", state, null, null, null, owner, null, null, null, null, _nothing);
        daemon.On(Why, Json.AddressInfo, info);

        var run = await CliRun.Of(daemon, "ip", "why", "192.168.7.9");

        Assert.Equal($"192.168.7.9 {said}", run.OutLines[0]);
        Assert.Equal(["Pool       none", "Route      none", "Neighbour  none"], run.OutLines[1..]);
    }

    [Fact]
    public async Task A_kernel_that_does_not_answer_is_said()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Why, Json.AddressInfo, _leased with { Kernel = _nothing with { Error = "EPERM" } });
        var run = await CliRun.Of(daemon, "ip", "why", "192.168.7.9");
        Assert.Contains("Kernel     EPERM", run.OutLines);
    }

    [Fact]
    public async Task History_is_a_line_for_each_lease_and_change()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(History, Json.AddressHistoryList, _history with { Total = 7 });

        var run = await AtAsync(daemon, Samples.Start.AddHours(5), "ip", "history", "192.168.7.9", "--limit", "3");

        Assert.Equal(
            [
                "SINCE                 UNTIL                 FOR  STATE   OWNER                    POOL     CHANGE              OPERATION",
                "2026-01-02 03:04:05Z  -                     -    free    -                        default  expand (version 2)  op-3",
                "2026-01-02 04:04:05Z  2026-01-02 06:04:05Z  2h   leased  printer                  default  -                   -",
                "2026-01-02 07:04:05Z  now                   1h   leased  web-1 (vm-0123456789ab)  default  -                   op-12",
            ],
            run.OutLines
        );
        Assert.Equal("the newest 3 of 7 shown\n", run.Err);
        Assert.Equal("?limit=3", Assert.Single(daemon.AskedFor).Query);
    }

    [Fact]
    public async Task History_at_a_time_begins_with_who_had_it_then()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var then = new AddressMoment(
            Samples.Start.AddHours(2),
            "leased",
            "it is leased to \"printer\"",
            "default",
            "printer",
            null,
            Samples.Start.AddHours(1),
            Samples.Start.AddHours(3),
            null
        );
        daemon.On(
            History,
            Json.AddressHistoryList,
            _history with
            {
                Then = then,
                KnownSince = Samples.Start.AddHours(3),
            }
        );

        var run = await AtAsync(daemon, Samples.Start.AddHours(5), "ip", "history", "192.168.7.9", "--at", "3h ago");

        Assert.Equal(
            [
                "192.168.7.9 leased to printer at 2026-01-02 05:04:05Z",
                "Reason  it is leased to \"printer\"",
                "Since   2026-01-02 04:04:05Z",
                "Until   2026-01-02 06:04:05Z",
                "Pool    default",
            ],
            run.OutLines[..5]
        );
        Assert.Equal("leases that ended before 2026-01-02 06:04:05Z are forgotten\n", run.Err);
        Assert.Equal("?at=2026-01-02T05%3A04%3A05.0000000Z", Assert.Single(daemon.AskedFor).Query);
        var quiet = await AtAsync(daemon, Samples.Start, "ip", "history", "192.168.7.9", "--at", "2026-01-02", "-q");
        Assert.Equal("printer\n", quiet.Out);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("2h", 7_200)]
    [InlineData("3d ago", 259_200)]
    [InlineData("1w ago", 604_800)]
    [InlineData("0s", 0)]
    public void So_long_ago_is_a_time(string text, int seconds) =>
        Assert.Equal(Samples.Start.AddSeconds(-seconds), PastTime.Parse(text)!.Resolve(Samples.Start));

    [Theory]
    [InlineData("2026-01-31", "2026-01-31T00:00:00Z")]
    [InlineData("2026-01-31T12:30", "2026-01-31T12:30:00Z")]
    [InlineData("2026-01-31T12:30+02:00", "2026-01-31T10:30:00Z")]
    [InlineData("2026-01-31 12:30:05Z", "2026-01-31T12:30:05Z")]
    [InlineData("2026-01-31T12:30:05.25Z", "2026-01-31T12:30:05.25Z")]
    public void A_date_is_a_time_in_utc_unless_it_says_otherwise(string text, string utc) =>
        Assert.Equal(
            DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture),
            PastTime.Parse(text)!.Resolve(Samples.Start)
        );

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("ago")]
    [InlineData("10")]
    [InlineData("10y")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData("9999999w")]
    [InlineData("yesterday")]
    [InlineData("2026-02-30")]
    public async Task Anything_else_is_refused_by_name(string text)
    {
        var run = await CliRun.Offline("ip", "history", "192.168.7.9", "--at", text);
        Assert.Equal(2, run.Code);
        Assert.Contains($"--at: '{text}' is no time", run.Err);
    }

    [Fact]
    public async Task What_the_daemon_refuses_is_wrong_usage()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.Refuse(
            "GET /api/v1/addresses/nonsense",
            new Problem(
                "/problems/invalid-request",
                "The request is not valid.",
                400,
                "address: \"nonsense\" is not an IPv4 address"
            )
        );
        var run = await CliRun.Of(daemon, "ip", "why", "nonsense");
        Assert.Equal(2, run.Code);
        Assert.Contains("\"nonsense\" is not an IPv4 address", run.Err);
    }

    private static Task<CliRun> AtAsync(FakeDaemon daemon, DateTimeOffset now, params string[] args) =>
        CliRun.With(new Surroundings { Socket = daemon.Socket, Time = new FakeTimeProvider(now) }, args);
}
