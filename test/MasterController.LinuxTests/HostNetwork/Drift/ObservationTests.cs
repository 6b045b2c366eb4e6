using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Drift;

/// <summary>What others change of our objects is found, named and repaired; what they have of their own is only named.</summary>
public sealed class ObservationTests
{
    private static readonly Attachment[] Three =
    [
        TestHost.At("192.168.100.2"),
        TestHost.At("192.168.100.3"),
        TestHost.At("192.168.100.4"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_all_is_right_nothing_is_found()
    {
        await using var host = await StartAsync();

        var observation = await host.Network.ObserveAsync(ObservationScope.All, Token);

        Assert.Equal([], observation.Differences);
        Assert.Equal((3, 3), (observation.Desired, observation.Present));
    }

    [Theory]
    [InlineData("ip link set fcc0a86402 down", "link fcc0a86402: down, address 02:fc:00:00:00:01, group 26211")]
    [InlineData(
        "ip link set fcc0a86402 address 02:00:00:00:00:09",
        "link fcc0a86402: up, address 02:00:00:00:00:09, group 26211"
    )]
    [InlineData("ip link set fcc0a86402 group 0", "link fcc0a86402: up, address 02:fc:00:00:00:01, group 0")]
    [InlineData("ip link set fcc0a86402 group 26212", "link fcc0a86402: up, address 02:fc:00:00:00:01, group 26212")]
    [InlineData("ip link delete fcc0a86402", "tap fcc0a86402: missing")]
    [InlineData("sysctl -q -w net.ipv4.conf.fcc0a86402.proxy_arp=0", "sysctl fcc0a86402: forwarding=1 proxy_arp=0")]
    [InlineData("sysctl -q -w net.ipv4.conf.fcc0a86402.forwarding=0", "sysctl fcc0a86402: forwarding=0")]
    [InlineData(
        "sysctl -q -w net.ipv4.conf.fcc0a86402.rp_filter=0",
        "sysctl fcc0a86402: forwarding=1 proxy_arp=1 rp_f"
    )]
    [InlineData("sysctl -q -w net.ipv4.neigh.fcc0a86402.proxy_delay=80", "sysctl fcc0a86402: ")]
    [InlineData("sysctl -q -w net.ipv6.conf.fcc0a86402.disable_ipv6=0", "sysctl fcc0a86402: ")]
    [InlineData("ip route delete 192.168.100.2", "route 192.168.100.2: missing")]
    [InlineData("ip route replace 192.168.100.2 dev up0", "route 192.168.100.2: 192.168.100.2 dev up0 proto boot")]
    [InlineData(
        "ip route replace 192.168.100.2 dev fcc0a86402 proto 252 src 203.0.113.2",
        "route 192.168.100.2: 192.168.100.2 dev fcc0a86402 proto 252 scope link src 203.0.113.2"
    )]
    [InlineData("ip neighbour delete 192.168.100.2 dev fcc0a86402", "neighbour 192.168.100.2: missing")]
    [InlineData(
        "ip neighbour replace 192.168.100.2 lladdr 02:00:00:00:00:07 dev fcc0a86402 nud permanent",
        "neighbour 192.168.100.2: lladdr 02:00:00:00:00:07 permanent"
    )]
    [InlineData(
        "ip tuntap add dev fcc0a86463 mode tap user 4711 vnet_hdr;ip link set fcc0a86463 group 26211",
        "tap fcc0a86463: there, and no attachment uses it"
    )]
    [InlineData(
        "ip route add 192.168.100.99 dev up0 proto 252",
        "route 192.168.100.99: there, and no attachment uses it"
    )]
    [InlineData(
        "ip neighbour add 192.168.100.98 lladdr 02:00:00:00:00:01 dev fcc0a86402 nud permanent",
        "neighbour 192.168.100.98 dev fcc0a86402: there, and no attachment uses it"
    )]
    [InlineData("nft delete table inet master_controller", "nftables inet master_controller: missing")]
    [InlineData("nft flush ruleset", "nftables inet master_controller: missing")]
    [InlineData("nft flush chain inet master_controller guest_prerouting", "nftables inet master_controller: changed")]
    [InlineData(
        "nft insert rule inet master_controller guest_input accept",
        "nftables inet master_controller: changed"
    )]
    [InlineData(
        "nft delete element inet master_controller gateways { 192.168.100.1 }",
        "nftables 192.168.100.1 to the set gateways: missing"
    )]
    [InlineData(
        "nft add element inet master_controller vm_to_vm_networks { 192.168.100.0/24 }",
        "nftables 192.168.100.0/24 from the set vm_to_vm_networks: there"
    )]
    [InlineData("ip address delete 192.168.100.1/32 dev lo", "address 192.168.100.1/32: missing")]
    [InlineData(
        "ip address add 192.168.100.9/32 dev lo label lo:fc",
        "address 192.168.100.9/32: on lo with label lo:fc"
    )]
    [InlineData("sysctl -q -w net.ipv4.ip_forward=0", "sysctl net.ipv4.ip_forward: 0")]
    [InlineData("ip link set lo down", "link lo: down")]
    public async Task What_others_changed_is_found_left_alone_by_looking_and_repaired(string damage, string found)
    {
        await using var host = await StartAsync();
        var before = host.Snapshot();
        foreach (var command in damage.Split(';'))
            host.Host(command);
        var damaged = host.Snapshot();

        var observation = await host.Network.ObserveAsync(ObservationScope.All, Token);
        var ours = observation.Differences.Where(difference => difference.IsOurs).ToList();
        Assert.Contains(ours.Select(Text), text => text.StartsWith(found, StringComparison.Ordinal));
        Assert.Equal(damaged, host.Snapshot());
        Assert.NotEmpty(await host.Network.PlanRepairAsync(ours, Token));
        Assert.Equal(damaged, host.Snapshot());

        var outcomes = await host.Network.RepairAsync(ours, Token);
        Assert.Equal(ours.Count, outcomes.Count);
        Assert.All(outcomes, outcome => Assert.Null(outcome.Failure));
        Assert.Contains(outcomes, outcome => outcome.Changed);
        Assert.Equal(Sorted(before), Sorted(host.Snapshot()));
        Assert.Equal([], (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences);
    }

    [Fact]
    public async Task A_second_repair_of_the_same_finds_it_right()
    {
        await using var host = await StartAsync();
        host.Host("ip route delete 192.168.100.2");
        var ours = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;
        Assert.True(Assert.Single(await host.Network.RepairAsync(ours, Token)).Changed);

        var again = Assert.Single(await host.Network.RepairAsync(ours, Token));

        Assert.Equal((false, null), (again.Changed, again.Failure));
    }

    [Fact]
    public async Task What_is_no_longer_desired_is_not_made_again()
    {
        await using var host = await StartAsync();
        host.Host("ip link delete fcc0a86402");
        var ours = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;
        await host.DetachAsync(Three[0]);
        var before = host.Snapshot();

        var outcome = Assert.Single(await host.Network.RepairAsync(ours, Token));

        Assert.Equal((false, null), (outcome.Changed, outcome.Failure));
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task An_interface_with_a_name_of_ours_is_anothers_and_stays()
    {
        await using var host = await StartAsync();
        host.Host("ip link delete fcc0a86402");
        host.Host("ip link add fcc0a86402 type bridge");
        host.Host("ip tuntap add dev fcc0a86463 mode tap");
        var before = host.Snapshot();

        var found = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;

        Assert.Equal(
            [
                "ours tap fcc0a86402: an interface of that name that is not ours",
                "another program link fcc0a86402: bridge, group 0",
                "another program link fcc0a86463: tun, group 0",
            ],
            found.Select(difference => $"{difference.Owner ?? "ours"} {Text(difference)}")
        );
        var outcome = Assert.Single(await host.Network.RepairAsync(found, Token));
        Assert.Contains("that is not ours", outcome.Failure);
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task A_repair_that_cannot_be_made_keeps_no_other_from_being_made()
    {
        await using var host = await StartAsync();
        host.Host("ip link delete fcc0a86402");
        host.Host("ip link add fcc0a86402 type bridge");
        host.Host("ip route delete 192.168.100.3");
        host.Host("nft delete table inet master_controller");
        var found = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;

        var outcomes = await host.Network.RepairAsync(found, Token);

        Assert.Equal(
            ["inet master_controller", "192.168.100.3"],
            outcomes.Where(outcome => outcome.Changed).Select(outcome => outcome.Difference.Name)
        );
        Assert.Equal("fcc0a86402", Assert.Single(outcomes, outcome => outcome.Failure is not null).Difference.Name);
    }

    [Fact]
    public async Task The_plan_is_what_a_person_would_type()
    {
        await using var host = await StartAsync();
        host.Host("ip link delete fcc0a86402");
        host.Host("ip route delete 192.168.100.3");
        host.Host("nft delete element inet master_controller gateways { 192.168.100.1 }");
        var found = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;

        var plan = await host.Network.PlanRepairAsync(found, Token);

        Assert.Equal(
            [
                "nft add element inet master_controller gateways { 192.168.100.1 }",
                "ip tuntap add dev fcc0a86402 mode tap user 4711 vnet_hdr",
                "ip link set dev fcc0a86402 address 02:fc:00:00:00:01 group 26211 up",
                "sysctl -w net.ipv4.conf.fcc0a86402.forwarding=1 net.ipv4.conf.fcc0a86402.proxy_arp=1 "
                    + "net.ipv4.conf.fcc0a86402.rp_filter=1 net.ipv4.neigh.fcc0a86402.proxy_delay=0 "
                    + "net.ipv6.conf.fcc0a86402.disable_ipv6=1",
                "ip route replace 192.168.100.2 dev fcc0a86402 src 192.168.100.1 proto 252",
                "ip neighbour replace 192.168.100.2 lladdr 02:fc:c0:a8:64:02 dev fcc0a86402 nud permanent",
                "ip route replace 192.168.100.3 dev fcc0a86403 src 192.168.100.1 proto 252",
            ],
            plan.Select(change => change.Command)
        );
        // Who types it ends where the repair would.
        foreach (var change in plan)
            host.Host(Words(change.Command));
        Assert.Equal([], (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences);
    }

    private static async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(Three));
        return host;
    }

    /// <summary>The braces and what is in them are one word.</summary>
    private static string[] Words(string command)
    {
        var brace = command.IndexOf('{', StringComparison.Ordinal);
        return brace < 0 ? command.Split(' ') : [.. command[..(brace - 1)].Split(' '), command[brace..]];
    }

    // A TAP that was made anew is the last of all links.
    private static string Sorted(string snapshot) =>
        string.Join('\n', snapshot.Split('\n').Order(StringComparer.Ordinal));

    private static string Text(Difference difference) =>
        $"{DriftNames.Of(difference.Object)} {difference.Name}: {difference.Found}";
}
