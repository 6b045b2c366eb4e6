using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Drift;

/// <summary>A host with Docker's, UFW's and firewalld's kind of rules, and with routes in the pool's way.</summary>
public sealed class ForeignDriftTests
{
    private static readonly Attachment First = TestHost.At("192.168.100.2");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ip route add 192.168.100.128/25 dev up0", "another program", "192.168.100.128/25 through up0")]
    [InlineData("ip route add 192.168.100.0/26 dev up0 proto bird", "BIRD", "192.168.100.0/26 through up0")]
    [InlineData("ip route add blackhole 192.168.100.2/32 table 7", "another program", "192.168.100.2/32 through no")]
    [InlineData(
        "ip link add docker0 type bridge|ip address add 192.168.100.200/24 dev docker0",
        "Docker",
        "192.168.100.0/24 on docker0"
    )]
    [InlineData("sysctl -q -w net.ipv4.conf.all.arp_ignore=1", "another program", "net.ipv4.conf.all.arp_ignore")]
    [InlineData("sysctl -q -w net.ipv4.conf.all.rp_filter=2", "another program", "net.ipv4.conf.all.rp_filter")]
    [InlineData(
        "nft add table ip filter|nft add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }",
        "iptables (Docker, UFW or by hand)",
        "ip filter FORWARD"
    )]
    public async Task It_is_named_with_whose_it_is_and_left_alone(string commands, string owner, string name)
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));
        foreach (var command in commands.Split('|'))
            host.Host(command.Contains('{') ? Nft(command) : command.Split(' '));
        var before = host.Snapshot();

        var found = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;

        Assert.All(found, difference => Assert.False(difference.IsOurs));
        Assert.Contains(found, difference => difference.Owner == owner && difference.Name.StartsWith(name));
        Assert.Empty(await host.Network.PlanRepairAsync(found, Token));
        Assert.Empty(await host.Network.RepairAsync(found, Token));
        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task The_rules_routes_and_names_of_others_outlive_a_repair_of_everything_of_ours()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));
        MakeOthers(host);
        host.Host("nft delete table inet master_controller");
        host.Host("ip link delete fcc0a86402");
        host.Host("ip address delete 192.168.100.1/32 dev lo");
        host.Host("sysctl -q -w net.ipv4.ip_forward=0");
        var others = Others(host);

        var found = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;
        var outcomes = await host.Network.RepairAsync(found, Token);

        Assert.All(outcomes, outcome => Assert.Null(outcome.Failure));
        Assert.Equal(others, Others(host));
        var left = (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences;
        Assert.Equal(
            ["Docker", "firewalld", "iptables (Docker, UFW or by hand)"],
            left.Select(difference => difference.Owner).Distinct().Order()
        );
    }

    [Fact]
    public async Task Who_loaded_the_firewall_anew_is_named()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));
        host.Host("nft flush ruleset");
        await host.Network.ChangedAsync(Token);

        var found = (await host.Network.ObserveAsync(ObservationScope.Host, Token)).Differences;

        Assert.Matches(@"^nft \(process \d+\)$", Assert.Single(found).By);
    }

    private static void MakeOthers(TestHost host)
    {
        // Docker
        host.Host("ip link add docker0 type bridge");
        host.Host("ip address add 192.168.100.193/26 dev docker0");
        host.Host("ip link set docker0 up");
        host.Host("nft add table ip nat");
        host.Host(Nft("nft add chain ip nat POSTROUTING { type nat hook postrouting priority 100; }"));
        host.Host("nft add rule ip nat POSTROUTING ip saddr 172.17.0.0/16 oifname != docker0 counter masquerade");
        host.Host("nft add table ip filter");
        host.Host(Nft("nft add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }"));
        host.Host("nft add chain ip filter DOCKER-USER");
        host.Host("nft add rule ip filter FORWARD counter jump DOCKER-USER");
        // UFW
        host.Host("nft add chain ip filter ufw-before-forward");
        host.Host("nft add rule ip filter ufw-before-forward ct state related,established counter accept");
        host.Host("nft add rule ip filter FORWARD counter jump ufw-before-forward");
        // firewalld
        host.Host("nft add table inet firewalld");
        host.Host(
            Nft("nft add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; policy drop; }")
        );
        host.Host("nft add rule inet firewalld filter_FORWARD ct state established accept");
        // Others' names and routes
        host.Host("ip tuntap add dev fcabc mode tap");
        host.Host("ip route add 10.99.0.0/16 dev up0 proto 251");
        host.Host("ip route add 192.168.101.0/24 dev up0 table 77");
    }

    private static string Others(TestHost host) =>
        string.Join(
            '\n',
            host.Host("nft -s list table ip nat"),
            host.Host("nft -s list table ip filter"),
            host.Host("nft -s list table inet firewalld"),
            host.Host("ip link show fcabc"),
            host.Host("ip link show docker0"),
            host.Host("ip route show table all proto 251"),
            host.Host("ip route show table 77")
        );

    /// <summary>The braces and what is in them are one word.</summary>
    private static string[] Nft(string command)
    {
        var brace = command.IndexOf('{', StringComparison.Ordinal);
        return [.. command[..(brace - 1)].Split(' '), command[brace..]];
    }
}
