using System.Text.Json;
using MasterController.Cli.Commands.Pools;
using MasterController.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class PoolAndLeaseTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task The_list_shows_what_every_address_does()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/pools", Json.PoolList, new PoolList([Samples.Pool()]));

        var run = await CliRun.Of(daemon, "pool", "list");

        Assert.Equal("NAME     RANGES            USED  COOLING  RESERVED  FREE  TOTAL  USED %", run.OutLines[0]);
        Assert.Equal("default  192.168.100.0/24     3        1         1   248    253   1.2 %", run.OutLines[1]);
    }

    [Fact]
    public async Task Show_draws_the_default_pool_with_every_denominator()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/pools/default", Json.Pool, Samples.Pool());

        var run = await CliRun.Of(daemon, "pool", "show");

        Assert.Equal("default  3 of 253 addresses used (1.2 %)", run.OutLines[0]);
        Assert.Equal($"  █▓▒{new string('░', 57)}", run.OutLines[1]);
        Assert.Contains("  ░ free      248    98.0 %", run.OutLines);
        Assert.Contains("    total     253", run.OutLines);
        Assert.Contains("192.168.100.0/24  192.168.100.2  192.168.100.254  192.168.100.1  192.168.100.9", run.OutLines);
    }

    [Fact]
    public async Task Show_names_what_is_on_its_way_out_and_who_holds_it()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var pool = Samples.Pool() with
        {
            KeptGateways =
            [
                new PoolKeptGateway(
                    "192.168.100.1",
                    "192.168.100.0/24",
                    Samples.Start,
                    [.. Enumerable.Range(1, 20).Select(i => $"web-{i}")],
                    31
                ),
            ],
            Drains = [new PoolDrain("192.168.100.2", "192.168.100.99", "op-12", 1_234)],
            AwaitsConfirmation = "op-12",
            AllowEarlyReuse = true,
        };
        daemon.On("GET /api/v1/pools/default", Json.Pool, pool);
        var surroundings = new Surroundings
        {
            Socket = daemon.Socket,
            Time = new FakeTimeProvider(Samples.Start.AddHours(3)),
        };

        var run = await CliRun.With(surroundings, "pool", "show");

        Assert.Contains("KEPT GATEWAY   OF                FOR  WAITS FOR", run.OutLines);
        Assert.Contains(
            "192.168.100.1  192.168.100.0/24  3h   web-1, web-2, web-3, web-4, web-5 and 26 more",
            run.OutLines
        );
        Assert.Contains("DRAINS FROM    TO              LEASES LEFT  OPERATION", run.OutLines);
        Assert.Contains("192.168.100.2  192.168.100.99        1,234  op-12", run.OutLines);
        Assert.Contains("Confirm      op-12 is rolled back unless you say: mctl pool confirm default", run.OutLines);
        Assert.Contains("Early reuse  allowed, when no address is free: the one that has cooled longest", run.OutLines);
    }

    [Theory]
    [InlineData(new long[] { 0, 0, 0, 253 }, new[] { 0, 0, 0, 10 })]
    [InlineData(new long[] { 1, 0, 0, 16777212 }, new[] { 1, 0, 0, 9 })]
    [InlineData(new long[] { 253, 0, 0, 0 }, new[] { 10, 0, 0, 0 })]
    [InlineData(new long[] { 100, 50, 50, 0 }, new[] { 6, 2, 2, 0 })]
    [InlineData(new long[] { 0, 0, 0, 0 }, new[] { 10, 0, 0, 0 })]
    public void The_bar_shows_all_there_is_and_keeps_its_width(long[] counts, int[] widths) =>
        Assert.Equal(widths, AddressUse.Widths(counts, counts.Sum(), 10));

    [Fact]
    public async Task Create_sends_the_range_as_it_was_given()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/pools", Json.Pool, Samples.Pool("lab"), 201);

        var line =
            "pool create lab 10.0.0.0/24 --first 10.0.0.9 --last 10.0.0.99 --gateway 10.0.0.2 --reserve 10.0.0.50 "
            + "--reserve 10.0.0.64/29 --cooldown 0 --strategy least-recently-used --allow-vm-to-vm --allow-early-reuse "
            + "--network bridge -q";
        var run = await CliRun.Of(daemon, line.Split(' '));

        Assert.Equal((0, "lab\n"), (run.Code, run.Out));
        var sent = JsonSerializer.Deserialize(Assert.Single(daemon.AskedFor).Body, Json.CreatePoolRequest)!;
        Assert.Equal(
            ("lab", 0, "least-recently-used", true, true, "bridge"),
            (sent.Name, sent.CooldownSeconds, sent.Strategy, sent.AllowVmToVm, sent.AllowEarlyReuse, sent.Network)
        );
        var range = Assert.Single(sent.Ranges!);
        Assert.Equal(
            ("10.0.0.0/24", "10.0.0.9", "10.0.0.99", "10.0.0.2"),
            (range.Cidr, range.First, range.Last, range.Gateway)
        );
        Assert.Equal(["10.0.0.50", "10.0.0.64/29"], range.Reservations!);
    }

    [Theory]
    [InlineData("pool delete lab", "DELETE /api/v1/pools/lab", "", "lab deleted\n")]
    [InlineData("pool delete lab -q", "DELETE /api/v1/pools/lab", "", "lab\n")]
    [InlineData("pool delete lab -o json", "DELETE /api/v1/pools/lab", "", "")]
    [InlineData(
        "lease delete 10.0.0.9 --owner a/b --pool p",
        "DELETE /api/v1/pools/p/leases/10.0.0.9",
        "?owner=a%2Fb",
        "10.0.0.9 deleted\n"
    )]
    public async Task What_is_deleted_is_named(string line, string route, string query, string printed)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            route,
            context =>
            {
                context.Response.StatusCode = 204;
                return Task.CompletedTask;
            }
        );

        var run = await CliRun.Of(daemon, line.Split(' '));

        Assert.Equal((0, printed), (run.Code, run.Out));
        Assert.Equal(query, Assert.Single(daemon.AskedFor).Query);
    }

    [Theory]
    [InlineData(201)]
    [InlineData(200)]
    public async Task A_lease_is_printed_whether_new_or_had_before(int status)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/pools/default/leases", Json.Lease, Samples.Lease(), status);

        var run = await CliRun.Of(daemon, "lease", "create", "printer", "--address", "192.168.100.2");

        Assert.Equal("192.168.100.2 leased to printer  (192.168.100.0/24, gateway 192.168.100.1)\n", run.Out);
        Assert.Equal("""{"owner":"printer","address":"192.168.100.2"}""", Assert.Single(daemon.AskedFor).Body);
    }

    [Fact]
    public async Task Leases_of_all_pages_are_listed()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On(
            "GET /api/v1/pools/p/leases",
            Json.LeaseList,
            new LeaseList([Samples.Lease("10.0.0.1")], 2, "x"),
            new LeaseList([Samples.Lease("10.0.0.2")], 2, null)
        );

        var run = await CliRun.Of(daemon, "lease", "list", "--pool", "p", "-q");

        Assert.Equal("10.0.0.1\n10.0.0.2\n", run.Out);
    }
}
