using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class TrafficTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;
    private static readonly VmTraffic Web = new(
        "vm-1",
        "web-1",
        "192.168.100.2",
        new TrafficCounters(1_034, 1_258_291, 3),
        new TrafficCounters(1, 60, 0)
    );

    [Fact]
    public async Task All_vms_are_listed_below_their_sums()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/network/traffic",
            Json.NetworkTraffic,
            new NetworkTraffic(
                Samples.Start,
                2,
                new TrafficCounters(1_035, 1_259_000, 3),
                new TrafficCounters(2, 100, 0),
                [Web]
            )
        );

        var run = await CliRun.Of(daemon, "net", "traffic", "--sort", "in", "--limit", "1");

        Assert.Equal((0, "1 of 2 VMs shown\n"), (run.Code, run.Err));
        Assert.Equal("?sort=in&limit=1", Assert.Single(daemon.AskedFor).Query);
        Assert.Equal(
            """
            2 VMs
            in   1.2 MiB in 1,035 packets, 3 dropped
            out  100 B in 2 packets

            NAME   ADDRESS             IN  PACKETS   OUT  PACKETS  DROPPED
            web-1  192.168.100.2  1.2 MiB    1,034  60 B        1        3

            """,
            run.Out
        );
    }

    [Fact]
    public async Task A_vm_is_shown_with_its_traffic()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var vm = Samples.Vm();
        daemon.On("GET /api/v1/vms/web-1", Json.Vm, vm);
        daemon.On($"GET /api/v1/vms/{vm.Id}/traffic", Json.VmTraffic, Web);

        var run = await CliRun.Of(daemon, "vm", "show", "web-1");

        Assert.Equal((0, ""), (run.Code, run.Err));
        Assert.Matches("Traffic in +1.2 MiB in 1,034 packets, 3 dropped\n", run.Out);
        Assert.Matches("Traffic out +60 B in 1 packet\n", run.Out);
    }

    [Fact]
    public async Task A_vm_without_a_place_in_the_network_has_none()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var vm = Samples.Vm(status: "stopped");
        daemon.On("GET /api/v1/vms/web-1", Json.Vm, vm);
        daemon.On($"GET /api/v1/vms/{vm.Id}/traffic", Json.VmTraffic, Web with { In = null, Out = null });

        Assert.DoesNotContain("Traffic", (await CliRun.Of(daemon, "vm", "show", "web-1")).Out);
    }

    [Fact]
    public async Task A_direction_that_is_none_is_named()
    {
        await using var daemon = await FakeDaemon.StartAsync();

        var run = await CliRun.Of(daemon, "net", "traffic", "--sort", "up");

        Assert.Equal(2, run.Code);
        Assert.Contains("--sort: 'up' is none of both, in, out", run.Err);
        Assert.Empty(daemon.AskedFor);
    }
}
