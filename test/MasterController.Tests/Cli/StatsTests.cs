using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class StatsTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    private static readonly Stats Stats = new(
        Samples.Start,
        [
            new PoolStats(
                "default",
                Samples.Start,
                253,
                233,
                3,
                1,
                16,
                Exact: true,
                Subnets: 1,
                UntouchedSubnets: 0,
                [],
                [],
                [],
                [
                    new PoolForecast("hour", "never", -2, null, null),
                    new PoolForecast("day", "full-at", 4, Samples.Start.AddHours(4), null),
                ]
            ),
        ],
        [
            new PoolCapacity(
                "default",
                252,
                65_536,
                16_777_216,
                "The /24 is 92 % full: expand to 192.168.0.0/16 for 65,533 addresses",
                "192.168.0.0/16",
                65_533
            ),
        ],
        new VmStats(
            233,
            new Dictionary<string, int> { ["running"] = 230, ["failed"] = 3 },
            [new VmTypeStats("cli", 200, 198, 0, 2), new VmTypeStats("browser", 33, 32, 0, 1)],
            new Dictionary<string, int> { ["default"] = 233 },
            263,
            116_224
        ),
        new ExternalStats("203.0.113.1", "2001:db8::/64", 12, 2, 1),
        new OperationStats(1, 2, 0),
        new ReconcileStats(Samples.Start, 31.5, 0, 2, null),
        [
            new Alert(
                "pool-threshold",
                "warning",
                "default",
                "233 of 252 addresses that can be leased are used: 80 % are reached, 16 are free",
                "mctl pool expand default 192.168.0.0/16 --plan"
            ),
        ]
    );

    private static readonly HostInfo Host = new(
        Samples.Start,
        "host-1",
        "6.18.0",
        350_735,
        new HostCpu(2, 37.24, 0.5, 1, 1.25),
        new HostMemory(8L << 30, 6L << 30, 1L << 30, 1L << 30),
        [new HostDisk("state", "/var/lib/master-controller", 100L << 30, 40L << 30)],
        [new HostFill("conntrack", 1200, 262_144)],
        [new HostInterface("eth0", 5L << 20, 2048, 7, 8, 1536, 0), new HostInterface("vms", 10, 20, 1, 1, null, null)],
        new HostProcess(4711, Samples.Start.AddHours(-3), 60L << 20, 120, "1.0.0")
    );

    [Fact]
    public async Task Everything_is_on_one_page()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/stats", Json.Stats, Stats);

        var run = await CliRun.Of(daemon, "stats");

        Assert.Equal((0, ""), (run.Code, run.Err));
        Assert.Equal(
            """
            POOL                                     USED  COOLING  RESERVED  FREE  TOTAL  USED %
            default  ███████████████████████████▓▒░   233        3         1    16    253  92.1 %

            Capacity    The /24 is 92 % full: expand to 192.168.0.0/16 for 65,533 addresses
            Forecast    full in about 4 h at the rate of the last day (+4/h)
            VMs         233: 230 running, 3 failed; 263 vCPUs, 113.5 GiB of memory
            By type     cli: 200, of which 198 run
                        browser: 33, of which 32 run
            External    203.0.113.1; 12 IPv6 of 2001:db8::/64, 2 public IPv4, 1 forward
            Operations  1 running; in the last 24 h 2 failed, 0 rolled back
            Network     compared 31s ago, 0 ours and 2 foreign differ

            warning  default  233 of 252 addresses that can be leased are used: 80 % are reached, 16 are free
                mctl pool expand default 192.168.0.0/16 --plan

            """,
            run.Out
        );
    }

    [Fact]
    public async Task Quietly_it_is_the_alerts_and_for_programs_it_is_what_the_api_answers()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/stats", Json.Stats, Stats);
        daemon.On("GET /api/v1/host", Json.HostInfo, Host);

        var quiet = await CliRun.Of(daemon, "stats", "-q", "--top", "3");
        var json = await CliRun.Of(daemon, "host", "-o", "json");

        Assert.Equal("warning pool-threshold default\n", quiet.Out);
        Assert.Equal("?top=3", daemon.AskedFor[0].Query);
        Assert.Contains("\"usedPercent\": 37.24", json.Out);
    }

    [Fact]
    public async Task The_host_is_shown_with_every_denominator()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/host", Json.HostInfo, Host);

        var run = await CliRun.Of(daemon, "host");

        Assert.Equal((0, ""), (run.Code, run.Err));
        Assert.Equal(
            """
            Host        host-1, Linux 6.18.0, up 4d1h
            CPU         37.2 % of 2 processors; load 0.50 1.00 1.25
            Memory      2.0 GiB of 8.0 GiB used (25.0 %); swap 0 B of 1.0 GiB used (0 %)
            Disk        60.0 GiB of 100.0 GiB used (60.0 %)  /var/lib/master-controller
            Table       conntrack: 1,200 of 262,144 used (0.5 %)
            Traffic     eth0: in 5.0 MiB (1.5 KiB/s), out 2.0 KiB (0 B/s)
                        vms: in 10 B, out 20 B
            Controller  1.0.0, pid 4711, up 3h, 60.0 MiB resident, 120 open files

            """,
            run.Out
        );
    }
}
