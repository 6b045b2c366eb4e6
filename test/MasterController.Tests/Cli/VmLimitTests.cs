using MasterController.Cli.Commands.Vms;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class VmLimitTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task Without_a_limit_it_shows_the_one_there_is()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/web-1", Json.Vm, Samples.Vm());

        var run = await CliRun.Of(daemon, "vm", "limit", "web-1");

        Assert.Equal((0, ""), (run.Code, run.Err));
        Assert.Equal("Name  web-1\nRate  out 10mbit, in 5,000 packets/s + 100  (of its own)\n", run.Out);
    }

    [Theory]
    [InlineData(
        "--out 10mbit --out-burst 100000 --in-packets 5000 --in-burst-packets 9",
        """{"outBytesPerSecond":1250000,"outBurstBytes":100000,"outPacketsPerSecond":null,"outBurstPackets":null,"inBytesPerSecond":null,"inBurstBytes":null,"inPacketsPerSecond":5000,"inBurstPackets":9}"""
    )]
    [InlineData(
        "--none",
        """{"outBytesPerSecond":null,"outBurstBytes":null,"outPacketsPerSecond":null,"outBurstPackets":null,"inBytesPerSecond":null,"inBurstBytes":null,"inPacketsPerSecond":null,"inBurstPackets":null}"""
    )]
    public async Task A_limit_replaces_the_former_one(string options, string body)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("PUT /api/v1/vms/web-1/rate-limit", Json.Vm, Samples.Vm());

        var run = await CliRun.Of(daemon, ["vm", "limit", "web-1", "-q", .. options.Split(' ')]);

        Assert.Equal((0, "web-1\n", ""), (run.Code, run.Out, run.Err));
        Assert.Equal(body, Assert.Single(daemon.AskedFor).Body);
    }

    [Fact]
    public async Task A_limit_may_be_given_up()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("DELETE /api/v1/vms/web-1/rate-limit", Json.Vm, Samples.Vm());

        Assert.Equal(0, (await CliRun.Of(daemon, "vm", "limit", "web-1", "--reset")).Code);
    }

    [Theory]
    [InlineData("--none --reset", "a limit, --none and --reset exclude each other")]
    [InlineData("--none --out 1mbit", "a limit, --none and --reset exclude each other")]
    [InlineData("--out 10mb", "--out: '10mb' is no rate")]
    [InlineData("--in -5", "--in")]
    [InlineData("--in-packets x", "--in-packets: 'x' is not a whole number of 0 to 1000000000")]
    public async Task What_makes_no_sense_is_refused_before_the_daemon_is_asked(string options, string error)
    {
        await using var daemon = await FakeDaemon.StartAsync();

        var run = await CliRun.Of(daemon, ["vm", "limit", "web-1", .. options.Split(' ')]);

        Assert.Equal(2, run.Code);
        Assert.Contains(error, run.Err);
        Assert.Empty(daemon.AskedFor);
    }

    [Theory]
    [InlineData("1250000", 1_250_000L, "10mbit")]
    [InlineData("10mbit", 1_250_000L, "10mbit")]
    [InlineData("1Gbit", 125_000_000L, "1gbit")]
    [InlineData("800kbit", 100_000L, "800kbit")]
    [InlineData("1001", 1_001L, "1001 bytes")]
    public void Rates_are_read_and_written_as_people_do(string text, long bytes, string written)
    {
        Assert.Equal(bytes, WrittenRate.Parse(text));
        Assert.Equal(written, WrittenRate.Text(bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mbit")]
    [InlineData("-1")]
    [InlineData("1.5mbit")]
    [InlineData("9223372036854775807gbit")]
    public void What_is_no_rate_is_not_read(string text) => Assert.Null(WrittenRate.Parse(text));
}
