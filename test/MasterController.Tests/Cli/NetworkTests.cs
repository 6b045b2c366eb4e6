using MasterController.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class NetworkTests
{
    private const string Status = "GET /api/v1/network";
    private const string Drift = "GET /api/v1/network/drift";
    private const string Repair = "POST /api/v1/network/repair";
    private static readonly ContractsJson Json = ContractsJson.Default;

    private static readonly NetworkDrift _route = new(
        "route",
        "192.168.100.2",
        "dev fcc0a86402 src 192.168.100.1 proto 252",
        "missing",
        "ours",
        null,
        Samples.Start,
        1,
        "seen",
        null,
        null,
        null
    );

    private static readonly NetworkDrift _forward = new(
        "nftables",
        "ip filter FORWARD",
        "policy accept on the forward hook",
        "policy drop",
        "Docker",
        null,
        Samples.Start.AddHours(-2),
        120,
        "seen",
        null,
        null,
        "let the pools through there"
    );

    private static readonly NetworkStatus _status = new(
        "routed",
        "eth0",
        [new NetworkPool("192.168.0.0/16", ["192.168.0.1", "192.168.100.1"], AllowVmToVm: false)],
        new NetworkObserved(Samples.Start, 0.0123, 1200, 1199),
        null,
        new DriftCounts(1, 2),
        [
            new NetworkLimit(
                "net.netfilter.nf_conntrack_max",
                262_144,
                4_194_112,
                "connection tracking is small",
                "sysctl -w net.netfilter.nf_conntrack_max=4194112"
            ),
        ]
    );

    [Fact]
    public async Task Status_says_what_there_is_and_what_is_too_low()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Status, Json.NetworkStatus, _status);

        var run = await AtAsync(daemon, "net", "status");

        Assert.Equal(
            """
            Mode         routed
            Uplink       eth0
            Network      192.168.0.0/16  (gateway 192.168.0.1, 192.168.100.1)
            Attachments  1,199 of 1,200 there
            Compared     40s ago, in 12 ms
            Drift        1 ours, 2 foreign
            Limit        connection tracking is small
                         fix: sysctl -w net.netfilter.nf_conntrack_max=4194112

            """,
            run.Out
        );
        Assert.Contains("mctl net drift", run.Err);
        Assert.Contains("\"foreign\": 2", (await CliRun.Of(daemon, "net", "status", "-o", "json")).Out);
    }

    [Fact]
    public async Task Status_of_a_network_that_was_not_compared_yet_says_so()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var fresh = new NetworkStatus("none", null, [], null, "netlink is gone", new DriftCounts(0, 0), []);
        daemon.On(Status, Json.NetworkStatus, fresh);

        var run = await CliRun.Of(daemon, "net", "status");

        Assert.Equal(
            [
                "Mode      none",
                "Uplink    none: guests reach the host alone",
                "Compared  not yet",
                "Error     netlink is gone",
                "Drift     none",
            ],
            run.OutLines
        );
        Assert.Empty(run.Err);
    }

    [Fact]
    public async Task Drift_is_a_line_each_with_since_when_and_whose_it_is()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Drift, Json.NetworkDriftList, new NetworkDriftList([_forward, _route], 7));

        var run = await AtAsync(daemon, "net", "drift", "--limit", "2");

        Assert.Equal(
            [
                "SINCE  SEEN  OBJECT    NAME               OWNER   STATE  EXPECTED                                    FOUND",
                "2h     120x  nftables  ip filter FORWARD  Docker  seen   policy accept on the forward hook           policy drop",
                "40s    1x    route     192.168.100.2      ours    seen   dev fcc0a86402 src 192.168.100.1 proto 252  missing",
                "nftables ip filter FORWARD: let the pools through there",
            ],
            run.OutLines
        );
        Assert.Contains("the first 2 of 7 shown", run.Err);
        Assert.Equal("?limit=2", daemon.AskedFor[^1].Query);
        Assert.Equal(
            "ip filter FORWARD\n192.168.100.2\n",
            (await CliRun.Of(daemon, "net", "drift", "--history", "-q")).Out
        );
        Assert.Equal("?history=true", daemon.AskedFor[^1].Query);
        Assert.Contains("\"owner\": \"ours\"", (await CliRun.Of(daemon, "net", "drift", "-o", "json")).Out);
    }

    [Fact]
    public async Task No_drift_is_said_and_prints_nothing()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(Drift, Json.NetworkDriftList, new NetworkDriftList([], 0));

        var run = await CliRun.Of(daemon, "net", "drift");

        Assert.Equal((0, ""), (run.Code, run.Out));
        Assert.Contains("nothing differs", run.Err);
    }

    [Fact]
    public async Task A_plan_is_the_commands_and_how_to_apply_it()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            Repair,
            Json.NetworkRepair,
            new NetworkRepair(
                true,
                [
                    new PlanChange(
                        "route",
                        "change",
                        "replace the route to 192.168.100.2",
                        "ip route replace 192.168.100.2 dev fcc0a86402"
                    ),
                ],
                1,
                [],
                0,
                [_route]
            )
        );

        var run = await CliRun.Of(daemon, "net", "repair", "--plan");

        Assert.Equal(
            "replace the route to 192.168.100.2\n    ip route replace 192.168.100.2 dev fcc0a86402\n",
            run.Out
        );
        Assert.Contains("nothing has been changed; repair it: mctl net repair\n", run.Err);
        Assert.Equal(0, run.Code);
        Assert.Equal("""{"plan":true}""", daemon.AskedFor[^1].Body);
    }

    [Fact]
    public async Task A_repair_that_leaves_something_of_ours_fails_and_shows_it()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var failed = _route with { State = "failed", Failure = "EPERM" };
        daemon.On(Repair, Json.NetworkRepair, new NetworkRepair(false, [], 0, [], 0, [failed, _forward]));

        var run = await AtAsync(daemon, "net", "repair");

        Assert.Equal(1, run.Code);
        Assert.Equal("Still different", run.OutLines[0]);
        Assert.Contains("route 192.168.100.2: EPERM", run.OutLines);
        Assert.Contains("0 repaired", run.Err);

        daemon.On(Repair, Json.NetworkRepair, new NetworkRepair(false, [], 0, [_route], 1, [_forward]));
        run = await CliRun.Of(daemon, "net", "repair", "-q");
        Assert.Equal((0, "192.168.100.2\n"), (run.Code, run.Out));
    }

    [Fact]
    public async Task Without_a_host_network_a_repair_is_refused()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.Refuse(
            Repair,
            new Problem("/problems/network-mode-none", "Only leases.", 409, "network.mode is \"none\"")
        );

        var run = await CliRun.Of(daemon, "net", "repair");

        Assert.Equal(4, run.Code);
        Assert.Contains("network.mode", run.Err);
    }

    private static Task<CliRun> AtAsync(FakeDaemon daemon, params string[] args) =>
        CliRun.With(
            new Surroundings { Socket = daemon.Socket, Time = new FakeTimeProvider(Samples.Start.AddSeconds(40)) },
            args
        );
}
