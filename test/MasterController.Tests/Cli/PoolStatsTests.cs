using MasterController.Cli.Commands.Pools;
using MasterController.Cli.Terminal;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class PoolStatsTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    private static readonly PoolStats Stats = new(
        "default",
        Samples.Start,
        509,
        255,
        3,
        1,
        250,
        Exact: true,
        Subnets: 2,
        UntouchedSubnets: 0,
        [new RangeStats("10.0.0.0/23", "10.0.0.2", "10.0.1.254", 509, 255, 3, 1, 250, 2, 0)],
        [new SubnetStats("10.0.0.0/24", 254, 253, 0, 1, 0)],
        [new SubnetStats("10.0.1.0/24", 255, 2, 3, 0, 250)],
        [
            new PoolForecast("hour", "full-at", 212, Samples.Start.AddHours(3.1), null),
            new PoolForecast("day", "never", -3.25, null, null),
            new PoolForecast("week", "too-few-samples", null, null, Samples.Start.AddMinutes(-3)),
        ]
    );

    private static readonly FreeAddresses Free = new(
        "default",
        Samples.Start,
        248,
        253,
        "lowest-free",
        "10.0.0.4",
        null,
        [new FreeStretch("10.0.0.4", "10.0.0.4", 1), new FreeStretch("10.0.0.8", "10.0.0.254", 247)],
        1200
    );

    [Fact]
    public async Task Stats_show_where_a_pool_is_full_and_when_it_will_be()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/pools/default/stats", Json.PoolStats, Stats);

        var run = await CliRun.Of(daemon, "pool", "stats", "--top", "1");

        Assert.Equal((0, ""), (run.Code, run.Err));
        Assert.Equal("?top=1", Assert.Single(daemon.AskedFor).Query);
        Assert.Equal(
            """
            default  255 of 509 addresses used (50.1 %)

              █████████████████████████████▓▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░

              █ used      255    50.1 %
              ▓ cooling     3     0.6 %
              ▒ reserved    1     0.2 %
              ░ free      250    49.1 %
                total     509

            RANGE        USED  COOLING  RESERVED  FREE  TOTAL  USED %  /24S
            10.0.0.0/23   255        3         1   250    509  50.1 %     2

            FULLEST /24                            USED  COOLING  RESERVED  FREE  TOTAL  USED %
            10.0.0.0/24  ███████████████████████▒   253        0         1     0    254  99.6 %

            EMPTIEST /24                            USED  COOLING  RESERVED  FREE  TOTAL  USED %
            10.0.1.0/24   █▓░░░░░░░░░░░░░░░░░░░░░░     2        3         0   250    255   0.8 %

            /24s      2
            Forecast  full in about 3 h at the rate of the last hour (+212/h)
                      never full at the rate of the last day (-3.3/h)
                      the rate of the last week: not enough samples yet (first one 3 min ago)

            """,
            run.Out
        );
    }

    [Fact]
    public async Task A_pool_that_is_hardly_used_counts_its_untouched_subnets_and_says_how_it_was_counted()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/pools/big/stats",
            Json.PoolStats,
            Stats with
            {
                Pool = "big",
                Exact = false,
                Subnets = 65_536,
                UntouchedSubnets = 65_534,
                Top = [],
                Bottom = [],
            }
        );

        var run = await CliRun.Of(daemon, "pool", "stats", "big");

        Assert.Contains("/24s      65,536, of which 65,534 have no address used or cooling", run.OutLines);
        Assert.DoesNotContain("FULLEST", run.Out);
        Assert.Equal("counted piece by piece, while addresses were leased and given back\n", run.Err);
        Assert.Equal("", Assert.Single(daemon.AskedFor).Query);
    }

    [Theory]
    [InlineData("full", 7.0, null, null, "full now; last hour (+7/h)")]
    [InlineData("full-at", 0.04, 900, null, "full in about 38 days at the rate of the last hour (+0.04/h)")]
    [InlineData("never", 0.0, null, null, "never full at the rate of the last hour (0/h)")]
    [InlineData(
        "too-few-samples",
        null,
        null,
        null,
        "the rate of the last hour: not enough samples yet (none in that time)"
    )]
    public void A_forecast_is_said_in_words(string outcome, double? perHour, int? hours, int? first, string words)
    {
        var forecast = new PoolForecast(
            "hour",
            outcome,
            perHour,
            hours is { } left ? Samples.Start.AddHours(left) : null,
            first is { } ago ? Samples.Start.AddMinutes(-ago) : null
        );

        Assert.Equal(words, PoolStatsView.Words(forecast, Samples.Start));
    }

    [Theory]
    [InlineData(0.5, "less than a minute")]
    [InlineData(89, "89 min")]
    [InlineData(60 * 3.1, "3 h")]
    [InlineData(60 * 24 * 12, "12 days")]
    [InlineData(60 * 24 * 244, "8 months")]
    [InlineData(60 * 24 * 365.25 * 1900, "1,900 years")]
    public void A_time_that_is_not_known_exactly_has_few_digits(double minutes, string text) =>
        Assert.Equal(text, Approximate.Time(TimeSpan.FromMinutes(minutes)));

    [Theory]
    [InlineData(21_200, "+21,200/h")]
    [InlineData(9.96, "+10/h")]
    [InlineData(-0.5, "-0.5/h")]
    [InlineData(0.0059, "+0.0059/h")]
    public void A_rate_has_its_sign_and_few_digits(double perHour, string text) =>
        Assert.Equal(text, Approximate.Rate(perHour));

    [Fact]
    public async Task Free_addresses_are_listed_as_stretches()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/pools/default/free", Json.FreeAddresses, Free);

        var run = await CliRun.Of(daemon, "pool", "free", "--limit", "2");

        Assert.Equal(0, run.Code);
        Assert.Equal("?limit=2", Assert.Single(daemon.AskedFor).Query);
        Assert.Equal(
            """
            default  248 of 253 addresses free (98.0 %)
            next: 10.0.0.4

            FIRST     LAST        ADDRESSES
            10.0.0.4  10.0.0.4            1
            10.0.0.8  10.0.0.254        247

            """,
            run.Out
        );
        Assert.Equal("1,200 more of them\n", run.Err);
    }

    [Fact]
    public async Task Without_a_next_address_the_reason_stands_in_its_place()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/pools/default/free",
            Json.FreeAddresses,
            Free with
            {
                Free = 0,
                Next = null,
                NextReason = "no address is free",
                Items = [],
                More = 0,
            }
        );

        var run = await CliRun.Of(daemon, "pool", "free");

        Assert.Equal("default  0 of 253 addresses free (0 %)\nnext: - (no address is free)\n", run.Out);
    }

    [Theory]
    [InlineData("pool free -q", "10.0.0.4\n10.0.0.8-10.0.0.254\n")]
    [InlineData("pool stats -q", "default\n")]
    public async Task Quiet_prints_names_alone(string line, string printed)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/pools/default/free", Json.FreeAddresses, Free);
        daemon.On("GET /api/v1/pools/default/stats", Json.PoolStats, Stats);

        Assert.Equal(printed, (await CliRun.Of(daemon, line.Split(' '))).Out);
    }

    [Fact]
    public async Task Json_is_what_the_api_answers()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/pools/default/stats", Json.PoolStats, Stats);

        var run = await CliRun.Of(daemon, "pool", "stats", "-o", "json");

        var read = System.Text.Json.JsonSerializer.Deserialize(run.Out, Json.PoolStats)!;
        Assert.Equal(Stats.Forecast, read.Forecast);
        Assert.Equal(Stats.Top, read.Top);
    }

    [Theory]
    [InlineData("pool stats --top 1001", "--top: '1001' is not a whole number of 0 to 1000")]
    [InlineData("pool free --limit 0", "--limit: '0' is not a whole number of 1 to 1000")]
    public async Task A_number_out_of_range_is_named(string line, string error)
    {
        var run = await CliRun.Offline(line.Split(' '));

        Assert.Equal(2, run.Code);
        Assert.Contains(error, run.Err);
    }
}
