using System.Text.Json;
using MasterController.Cli.Terminal;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class PlanTextTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task It_says_what_comes_of_it_what_is_done_and_how_to_apply_it()
    {
        var run = await PlanAsync(PlanSamples.Expand(), "pool", "expand", "default", "192.168.0.0/16", "--plan");

        Assert.Equal((0, ""), (run.Code, run.Err));
        Assert.Equal(
            """
            The range 192.168.100.0/24 of default grows to 192.168.0.0/16; new VMs get the gateway 192.168.0.1.

            Capacity     253 → 65,533 (65,532 while 192.168.100.1 is kept)
            Before       192.168.100.0/24  192.168.100.2 – 192.168.100.254  gateway 192.168.100.1
            After        192.168.0.0/16    192.168.0.2 – 192.168.255.254    gateway 192.168.0.1
            Gateways     + 192.168.0.1    added
                         = 192.168.100.1  kept for web-1, web-2, printer
            VMs touched: 0

            Changes of the host
              Addresses
                + add 192.168.0.1/32 to lo
                    ip address add 192.168.0.1/32 dev lo label lo:fc
              nftables
                + add 192.168.0.0/16 to the set pool_networks
                    nft add element inet master_controller pool_networks '{ 192.168.0.0/16 }'
                - remove 192.168.100.0/24 from the set pool_networks
                    nft delete element inet master_controller pool_networks '{ 192.168.100.0/24 }'
              iptables
                - remove the MASQUERADE rule for 192.168.100.0/24, which our table replaces
                    iptables -t nat -D POSTROUTING -s 192.168.100.0/24 -o enp1s0f0np0 -m comment --comment \
                    'old microvm NAT' -j MASQUERADE
              Files
                ~ take the same rule out of /etc/iptables/rules.v4
                    sed -i '/-A POSTROUTING -s 192.168.100.0\/24 .* -j MASQUERADE/d' /etc/iptables/rules.v4

            Warnings
              ! conntrack: 65,533 VMs with 64 connections each need 4,194,112 entries;
                net.netfilter.nf_conntrack_max is 262,144
                fix: sysctl -w net.netfilter.nf_conntrack_max=4194304

            Steps
               1. check the plan again
               2. save the intent
               3. back up rules and definition
               4. gateway addresses
               5. address translation, routes and forwarding
               6. commit the pool
               7. probe

            Nothing has been changed. Apply it: mctl pool expand default 192.168.0.0/16

            """,
            run.Out
        );
        Assert.All(run.OutLines, line => Assert.InRange(line.Length, 0, 100));
    }

    [Fact]
    public async Task Conflicts_have_their_fixes_and_it_ends_with_4()
    {
        var run = await PlanAsync(PlanSamples.Blocked(), "pool", "expand", "default", "192.168.0.0/16", "--plan");

        Assert.Equal((4, ""), (run.Code, run.Err));
        Assert.Contains(
            """

            Conflicts that have to go first
              ✗ overlap: 192.168.32.0/20 on br-2f1c (Docker) lies in 192.168.0.0/16
                fix: docker network rm shop_default, or choose another network

            """,
            run.Out
        );
        Assert.EndsWith("\nNothing has been changed; it cannot be applied before the conflicts are gone.\n", run.Out);
    }

    [Theory]
    [InlineData(true, "Leases to wait for: 12")]
    [InlineData(false, "Leases in the way: 12")]
    public async Task The_first_leases_outside_are_named_and_the_others_counted(bool drains, string heading)
    {
        var run = await PlanAsync(
            PlanSamples.Shrink(drains),
            "pool",
            "shrink",
            "default",
            "192.168.100.0/24",
            "--plan"
        );

        Assert.Equal(drains ? 0 : 4, run.Code);
        Assert.Contains(heading, run.OutLines);
        Assert.Contains("  192.168.0.2   vm-2   since 2026-01-02 03:04:05Z", run.OutLines);
        Assert.Contains("  192.168.0.11  vm-11  since 2026-01-02 03:04:05Z", run.OutLines);
        Assert.DoesNotContain("192.168.0.12", run.Out);
        Assert.Contains("  … and 2 more (all of the pool's: mctl lease list --pool default)", run.OutLines);
    }

    [Fact]
    public async Task Of_many_changes_of_one_kind_the_first_are_shown()
    {
        var routes = Enumerable
            .Range(0, 33)
            .Select(i => new PlanChange("route", "change", $"route {i}", $"ip route replace 10.0.0.{i}"));
        var plan = PlanSamples.Expand() with { Changes = [.. routes] };

        var run = await PlanAsync(plan, "pool", "expand", "default", "192.168.0.0/16", "--plan");

        Assert.Contains("    ~ route 19", run.OutLines);
        Assert.DoesNotContain("route 20", run.Out);
        Assert.Contains("    … and 13 more (all: --plan -o json)", run.OutLines);
    }

    [Fact]
    public async Task Reservations_stand_under_their_range_and_many_users_are_counted()
    {
        string[] reservations = [.. Enumerable.Range(10, 12).Select(i => $"192.168.100.{i}")];
        var range = PlanSamples.Small with { Reservations = reservations };
        var plan = PlanSamples.Expand() with
        {
            RangesBefore = [range],
            RangesAfter = [range],
            Gateways =
            [
                new PlanGateway("192.168.100.1", "keep", [.. Enumerable.Range(1, 20).Select(i => $"web-{i}")], 240),
                new PlanGateway("192.168.0.1", "remove", [], 0),
            ],
        };

        var run = await PlanAsync(plan, "pool", "expand", "default", "192.168.0.0/16", "--plan");

        Assert.Contains(
            """
            Ranges       192.168.100.0/24  192.168.100.2 – 192.168.100.254  gateway 192.168.100.1
                           reserved: 192.168.100.10, 192.168.100.11, 192.168.100.12, 192.168.100.13,
                           192.168.100.14, 192.168.100.15, 192.168.100.16, 192.168.100.17, 192.168.100.18,
                           192.168.100.19, 192.168.100.20, 192.168.100.21
            Gateways     = 192.168.100.1  kept for web-1, web-2, web-3, web-4, web-5 and 235 more
                         - 192.168.0.1    removed

            """,
            run.Out
        );
    }

    [Fact]
    public async Task As_json_it_is_the_contracts_object_and_quiet_it_is_its_id()
    {
        var json = await PlanAsync(PlanSamples.Blocked(), "pool", "expand", "default", "x", "--plan", "-o", "json");
        var quiet = await PlanAsync(PlanSamples.Expand(), "pool", "expand", "default", "x", "--plan", "-q");

        Assert.Equal((4, ""), (json.Code, json.Err));
        var expected = JsonSerializer.SerializeToElement(PlanSamples.Blocked(), Json.PoolPlan);
        Assert.True(JsonElement.DeepEquals(expected, JsonDocument.Parse(json.Out).RootElement));
        Assert.Equal((0, "plan-3\n"), (quiet.Code, quiet.Out));
    }

    [Fact]
    public async Task On_a_terminal_conflicts_are_red_and_commands_dim()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/pools/default/plans", Json.PoolPlan, PlanSamples.Blocked(), 201);
        var surroundings = new Surroundings
        {
            Socket = daemon.Socket,
            OutIsTerminal = true,
            Environment = new() { ["TERM"] = "xterm" },
        };

        var run = await CliRun.With(surroundings, "pool", "expand", "default", "192.168.0.0/16", "--plan");

        Assert.Contains("\e[31mConflicts that have to go first\e[0m", run.Out);
        Assert.Contains("\e[31m✗\e[0m overlap", run.Out);
        Assert.Contains("\e[33m!\e[0m conntrack", run.Out);
        Assert.Contains("\e[2mip address add 192.168.0.1/32 dev lo label lo:fc\e[0m", run.Out);
    }

    [Theory]
    [InlineData("a b c", "a b c")]
    [InlineData("one two three four", "one two|three four")]
    [InlineData("averylongword x", "averylongword|x")]
    [InlineData("first\nsecond line", "first|second|line")]
    public void Text_is_broken_between_words(string text, string lines) =>
        Assert.Equal(lines.Split('|'), Wrapped.Text(text, 10));

    [Theory]
    [InlineData("ip -4 a", "ip -4 a")]
    [InlineData("nft add x y", "nft add \\|x y")]
    [InlineData("nft '{ a b c d e }' x", "nft \\|'{ a b c d e }' \\|x")]
    [InlineData("echo \"it's a b c\" x", "echo \\|\"it's a b c\" \\|x")]
    [InlineData("cat <<E\na b c d e f g\nE", "cat <<E|a b c d e f g|E")]
    public void A_broken_command_can_still_be_pasted(string command, string lines) =>
        Assert.Equal(lines.Split('|'), Wrapped.Command(command, 10));

    private static async Task<CliRun> PlanAsync(PoolPlan plan, params string[] args)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("POST /api/v1/pools/default/plans", Json.PoolPlan, plan, 201);
        return await CliRun.Of(daemon, args);
    }
}
