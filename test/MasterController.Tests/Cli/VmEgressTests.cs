using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class VmEgressTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task Without_a_policy_it_shows_the_one_there_is()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/web-1", Json.Vm, Samples.Vm());

        var run = await CliRun.Of(daemon, "vm", "egress", "web-1");

        Assert.Equal((0, ""), (run.Code, run.Err));
        Assert.Equal(
            """
            Name    web-1
            Egress  deny by default  (of the type cli)
            Deny    10.0.0.0/8
            Allow   0.0.0.0/0:443/tcp

            """,
            run.Out
        );
    }

    [Fact]
    public async Task A_policy_replaces_the_former_one()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("PUT /api/v1/vms/web-1/egress", Json.Vm, Samples.Vm());

        var line = "vm egress web-1 --default deny --allow 0.0.0.0/0:443/tcp --allow 8.8.8.8 --deny 10.0.0.0/8 -q";
        var run = await CliRun.Of(daemon, line.Split(' '));

        Assert.Equal((0, "web-1\n"), (run.Code, run.Out));
        Assert.Equal(
            """{"default":"deny","allow":["0.0.0.0/0:443/tcp","8.8.8.8"],"deny":["10.0.0.0/8"]}""",
            Assert.Single(daemon.AskedFor).Body
        );
    }

    [Fact]
    public async Task A_policy_may_be_given_up()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("DELETE /api/v1/vms/web-1/egress", Json.Vm, Samples.Vm());

        Assert.Equal(0, (await CliRun.Of(daemon, "vm", "egress", "web-1", "--reset")).Code);
    }

    [Theory]
    [InlineData("--reset --deny 10.0.0.0/8", "--reset does not go with a policy")]
    [InlineData("--default drop", "--default: 'drop' is none of allow, deny")]
    public async Task What_makes_no_sense_is_refused_before_the_daemon_is_asked(string options, string error)
    {
        await using var daemon = await FakeDaemon.StartAsync();

        var run = await CliRun.Of(daemon, ["vm", "egress", "web-1", .. options.Split(' ')]);

        Assert.Equal(2, run.Code);
        Assert.Contains(error, run.Err);
        Assert.Empty(daemon.AskedFor);
    }
}
