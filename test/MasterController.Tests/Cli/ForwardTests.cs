using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class ForwardTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Theory]
    [InlineData(
        "8080 web-1:80",
        """{"vm":"web-1","guestPorts":"80","hostPorts":"8080","hostAddress":null,"protocol":null,"from":null,"plan":false}"""
    )]
    [InlineData(
        "web-1:80",
        """{"vm":"web-1","guestPorts":"80","hostPorts":null,"hostAddress":null,"protocol":null,"from":null,"plan":false}"""
    )]
    [InlineData(
        "203.0.113.7:27000-27010 web-1:27000-27010 --proto udp --from 198.51.100.0/24 --plan",
        """{"vm":"web-1","guestPorts":"27000-27010","hostPorts":"27000-27010","hostAddress":"203.0.113.7","protocol":"udp","from":["198.51.100.0/24"],"plan":true}"""
    )]
    public async Task A_forward_is_added(string words, string body)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/forwards", Json.ExternalChange, ExternalSamples.Change("add-forward", planned: false));

        var run = await CliRun.Of(daemon, ["forward", "add", .. words.Split(' ')]);

        Assert.Equal((0, "web-1 is reached by all of it\n"), (run.Code, run.Out));
        Assert.Equal(body, Assert.Single(daemon.AskedFor).Body);
    }

    [Theory]
    [InlineData("8080 web-1", "'web-1' is not VM:PORT or VM:FIRST-LAST")]
    [InlineData("8080 :80", "':80' is not VM:PORT or VM:FIRST-LAST")]
    [InlineData("203.0.113.7: web-1:80", "'203.0.113.7:' is not [HOST-ADDRESS:]PORT or [HOST-ADDRESS:]FIRST-LAST")]
    [InlineData("8080 web-1:80 --proto sctp", "--proto: 'sctp' is none of tcp, udp")]
    public async Task What_has_no_ends_is_refused_before_the_daemon_is_asked(string words, string error)
    {
        await using var daemon = await FakeDaemon.StartAsync();

        var run = await CliRun.Of(daemon, ["forward", "add", .. words.Split(' ')]);

        Assert.Equal(2, run.Code);
        Assert.Contains(error, run.Err);
        Assert.Empty(daemon.AskedFor);
    }

    [Fact]
    public async Task Forwards_are_listed()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/forwards",
            Json.ForwardList,
            new ForwardList(
                [ExternalSamples.Forward, ExternalSamples.Forward with { HostAddress = null, From = [] }],
                2
            )
        );

        var run = await CliRun.Of(daemon, "forward", "list", "--vm", "web-1");

        Assert.Equal(
            """
            ID     PROTO  HOST         PORTS  VM     GUEST PORTS  FROM
            fwd_1  tcp    203.0.113.7  8080   web-1  80           198.51.100.0/24
            fwd_1  tcp    all          8080   web-1  80           everybody

            """,
            run.Out
        );
        Assert.Equal("?vm=web-1", Assert.Single(daemon.AskedFor).Query);
    }

    [Fact]
    public async Task Forwards_are_deleted_one_after_the_other()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var done = ExternalSamples.Change("delete-forward", planned: false);
        daemon.On("DELETE /api/v1/forwards/fwd_1", Json.ExternalChange, done);
        daemon.On("DELETE /api/v1/forwards/fwd_2", Json.ExternalChange, done);

        Assert.Equal(0, (await CliRun.Of(daemon, "forward", "delete", "fwd_1", "fwd_2")).Code);
        Assert.Equal(2, daemon.AskedFor.Count);
    }
}
