using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class VmListTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task The_table_has_a_line_for_each_vm()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var bare = Samples.Vm("a-long-name", "stopped") with { Owner = null };
        daemon.On("GET /api/v1/vms", Json.VmList, Samples.Vms(Samples.Vm(), bare));

        var run = await CliRun.Of(daemon, "vm", "list");

        Assert.Equal(0, run.Code);
        Assert.Equal("NAME         ID              TYPE  STATUS   ADDRESS        OWNER  AGE", run.OutLines[0]);
        Assert.Matches(@"^web-1        vm-web-1        cli   running  192\.168\.100\.2  ci     \d+d$", run.OutLines[1]);
        Assert.Matches(@"^a-long-name  vm-a-long-name  cli   stopped  192\.168\.100\.2  -      \d+d$", run.OutLines[2]);
        Assert.Empty(run.Err);
    }

    [Fact]
    public async Task Quiet_prints_names_alone()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms", Json.VmList, Samples.Vms(Samples.Vm("a"), Samples.Vm("b")));

        var run = await CliRun.Of(daemon, "vm", "list", "-q");

        Assert.Equal("a\nb\n", run.Out);
    }

    [Fact]
    public async Task Json_is_the_contracts_object()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var list = Samples.Vms(Samples.Vm("a"), Samples.Vm("b"));
        daemon.On("GET /api/v1/vms", Json.VmList, list);

        var run = await CliRun.Of(daemon, "vm", "list", "-o", "json");

        var expected = JsonSerializer.SerializeToElement(list, Json.VmList);
        Assert.True(JsonElement.DeepEquals(expected, JsonDocument.Parse(run.Out).RootElement));
    }

    [Fact]
    public async Task All_pages_are_fetched_and_shown_as_one_list()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/vms",
            Json.VmList,
            new VmList([Samples.Vm("a"), Samples.Vm("b")], 3, "page 2"),
            new VmList([Samples.Vm("c")], 3, null)
        );

        var run = await CliRun.Of(daemon, "vm", "list", "-o", "json");

        var list = JsonSerializer.Deserialize(run.Out, Json.VmList)!;
        Assert.Equal(["a", "b", "c"], list.Items.Select(vm => vm.Name));
        Assert.Null(list.Next);
        Assert.Equal(["?limit=500", "?limit=500&cursor=page%202"], daemon.AskedFor.Select(asked => asked.Query));
    }

    [Fact]
    public async Task A_limit_is_passed_on_and_what_is_left_out_is_said()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms", Json.VmList, new VmList([Samples.Vm("a")], 1234, "more"));

        var run = await CliRun.Of(daemon, "vm", "list", "--limit", "1");

        Assert.Equal("?limit=1", Assert.Single(daemon.AskedFor).Query);
        Assert.Equal("1 of 1,234 shown\n", run.Err);
    }

    [Fact]
    public async Task Filters_are_the_daemons()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms", Json.VmList, Samples.Vms());

        string[] filters = ["--status", "failed", "--type", "cli", "--owner", "a&b", "--pool", "p", "--name", "n"];
        var run = await CliRun.Of(daemon, ["vm", "list", .. filters, "-l", "k=v w", "-l", "x=y"]);

        Assert.Equal(0, run.Code);
        Assert.Equal(
            "?status=failed&type=cli&owner=a%26b&pool=p&name=n&label=k%3Dv%20w&label=x%3Dy&limit=500",
            Assert.Single(daemon.AskedFor).Query
        );
    }

    [Fact]
    public async Task Members_that_a_newer_daemon_added_are_skipped()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/pools",
            async context => await context.Response.Body.WriteAsync("""{"items":[],"colour":"blue"}"""u8.ToArray())
        );

        var run = await CliRun.Of(daemon, "pool", "list", "-q");

        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData(true, "xterm", null, true)]
    [InlineData(true, "xterm", "1", false)]
    [InlineData(true, "dumb", null, false)]
    [InlineData(false, "xterm", null, false)]
    public async Task Colours_are_for_terminals_that_want_them(
        bool terminal,
        string term,
        string? noColor,
        bool colours
    )
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms", Json.VmList, Samples.Vms(Samples.Vm()));
        var environment = new Dictionary<string, string> { ["TERM"] = term };
        if (noColor is not null)
        {
            environment["NO_COLOR"] = noColor;
        }

        var run = await CliRun.With(
            new Surroundings
            {
                Socket = daemon.Socket,
                OutIsTerminal = terminal,
                Environment = environment,
            },
            "vm",
            "list"
        );

        Assert.Equal(colours, run.Out.Contains("\e[32mrunning\e[0m", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_color_switches_colours_off()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms", Json.VmList, Samples.Vms(Samples.Vm()));
        var surroundings = new Surroundings
        {
            Socket = daemon.Socket,
            OutIsTerminal = true,
            Environment = new() { ["TERM"] = "xterm" },
        };

        var run = await CliRun.With(surroundings, "vm", "list", "--no-color");

        Assert.DoesNotContain("\e", run.Out);
    }
}
