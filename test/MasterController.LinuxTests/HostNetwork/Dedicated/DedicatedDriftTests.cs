using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Drift;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>What others change of dedicated addresses is found, named and repaired; what nobody has any more goes.</summary>
public sealed class DedicatedDriftTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1.5);

    private static readonly Attachment[] Guests =
    [
        ProviderHost.Guest(2, given: ProviderHost.ExtraOf(1)),
        ProviderHost.Guest(3),
        TestHost.At("192.168.100.4"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sysctl -q -w net.ipv6.conf.all.forwarding=0", "sysctl net.ipv6.conf.all.forwarding: 0")]
    [InlineData("sysctl -q -w net.ipv6.conf.up0.accept_ra=1", "sysctl net.ipv6.conf.up0.accept_ra: 1")]
    [InlineData("sysctl -q -w net.ipv6.conf.up0.proxy_ndp=0", "sysctl net.ipv6.conf.up0.proxy_ndp: 0")]
    [InlineData("sysctl -q -w net.ipv6.neigh.up0.proxy_delay=80", "sysctl net.ipv6.neigh.up0.proxy_delay: 80")]
    [InlineData("sysctl -q -w net.ipv4.neigh.up0.proxy_delay=80", "sysctl net.ipv4.neigh.up0.proxy_delay: 80")]
    [InlineData("ip route delete unreachable 198.51.100.32/28", "route 198.51.100.32/28: missing")]
    [InlineData(
        "ip route add unreachable 192.0.2.0/24 proto 252 metric 1024",
        "route 192.0.2.0/24: unreachable metric 1024 proto 252"
    )]
    [InlineData(
        "ip -6 route add unreachable 2001:db8:dead::/48 proto 252",
        "route 2001:db8:dead::/48: unreachable metric 1024 proto 252"
    )]
    [InlineData("sysctl -q -w net.ipv6.conf.fcc0a86402.disable_ipv6=1", "sysctl fcc0a86402: forwarding=1 proxy_arp=1")]
    [InlineData("sysctl -q -w net.ipv6.conf.fcc0a86402.accept_ra=2", "sysctl fcc0a86402: ")]
    [InlineData("sysctl -q -w net.ipv6.conf.fcc0a86404.disable_ipv6=0", "sysctl fcc0a86404: ")]
    [InlineData("ip -6 address delete fe80::1/128 dev fcc0a86402", "address fe80::1/128 dev fcc0a86402: missing")]
    [InlineData("ip -6 route delete 2001:db8:1250::100:2", "route 2001:db8:1250::100:2: missing")]
    [InlineData(
        "ip -6 route replace 2001:db8:1250::100:2 dev up0",
        "route 2001:db8:1250::100:2: dev up0 proto 3 metric 1024"
    )]
    [InlineData(
        "ip -6 route replace 2001:db8:1250::100:2 dev fcc0a86403 proto 252",
        "route 2001:db8:1250::100:2: dev fcc0a86403"
    )]
    [InlineData("ip -6 route delete fe80::fc:c0ff:fea8:6402 dev fcc0a86402", "route fe80::fc:c0ff:fea8:6402: missing")]
    [InlineData(
        "ip -6 neighbour delete 2001:db8:1250::100:2 dev fcc0a86402",
        "neighbour 2001:db8:1250::100:2: missing"
    )]
    [InlineData(
        "ip -6 neighbour replace fe80::fc:c0ff:fea8:6402 lladdr 02:00:00:00:00:07 dev fcc0a86402 nud permanent",
        "neighbour fe80::fc:c0ff:fea8:6402: lladdr 02:00:00:00:00:07 permanent"
    )]
    [InlineData(
        "ip -6 neighbour delete proxy 2001:db8:1250::100:2 dev up0",
        "neighbour proxy 2001:db8:1250::100:2 dev up0: missing"
    )]
    [InlineData("ip neighbour delete proxy 203.0.113.33 dev up0", "neighbour proxy 203.0.113.33 dev up0: missing")]
    [InlineData("ip route delete 203.0.113.33", "route 203.0.113.33: missing")]
    [InlineData("ip route replace 203.0.113.33 dev up0", "route 203.0.113.33: 203.0.113.33 dev up0 proto boot")]
    [InlineData("ip link delete fcc0a86402", "tap fcc0a86402: missing")]
    [InlineData(
        "ip -6 route add 2001:db8:1250::dead dev up0 proto 252",
        "route 2001:db8:1250::dead: there, and no attachment uses it"
    )]
    [InlineData(
        "ip -6 route add 2001:db8:1250::dead dev fcc0a86402 proto 252",
        "route 2001:db8:1250::dead: there, and no attachment uses it"
    )]
    [InlineData(
        "ip -6 neighbour add 2001:db8:1250::dead lladdr 02:00:00:00:00:01 dev fcc0a86402 nud permanent",
        "neighbour 2001:db8:1250::dead: there, and no attachment uses it"
    )]
    [InlineData(
        "ip neighbour add proxy 2001:db8:1250::dead dev up0 protocol 252",
        "neighbour proxy 2001:db8:1250::dead dev up0: there, and no attachment uses it"
    )]
    [InlineData(
        "ip neighbour add proxy 203.0.113.44 dev up0 protocol 252",
        "neighbour proxy 203.0.113.44 dev up0: there, and no attachment uses it"
    )]
    [InlineData(
        "ip route add 203.0.113.44 dev fcc0a86402 proto 252",
        "route 203.0.113.44: there, and no attachment uses it"
    )]
    public async Task What_others_changed_is_found_left_alone_by_looking_and_repaired(string damage, string found)
    {
        await using var host = await StartAsync();
        var before = Everything(host);
        host.Host(damage);
        var damaged = Everything(host);

        var observation = await host.Network.ObserveAsync(ObservationScope.All, Token);
        var ours = observation.Differences.Where(difference => difference.IsOurs).ToList();
        Assert.Contains(ours.Select(Text), text => text.StartsWith(found, StringComparison.Ordinal));
        Assert.NotEmpty(await host.Network.PlanRepairAsync(ours, Token));
        Assert.Equal(damaged, Everything(host));

        var outcomes = await host.Network.RepairAsync(ours, Token);
        Assert.All(outcomes, outcome => Assert.Null(outcome.Failure));
        Assert.Contains(outcomes, outcome => outcome.Changed);
        Assert.Equal(Sorted(before), Sorted(Everything(host)));
        Assert.Equal([], (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences.Select(Text));
    }

    [Fact]
    public async Task What_others_have_of_the_kind_is_left_alone()
    {
        await using var host = await StartAsync();
        host.Host("ip neighbour add proxy 203.0.113.45 dev up0");
        host.Host("ip -6 neighbour add proxy 2001:db8:1250::77 dev up0");
        host.Host("ip -6 route add 2001:db8:7777::1 dev up0 proto static");
        host.Host("ip -6 route add unreachable 2001:db8:8888::/48");

        Assert.DoesNotContain(
            (await host.Network.ObserveAsync(ObservationScope.All, Token)).Differences,
            d => d.IsOurs
        );
        Assert.Empty(await host.ApplyAsync(TestHost.Desired(Guests)));
    }

    [Theory]
    [InlineData("sysctl -q -w net.ipv6.conf.fcc0a86402.disable_ipv6=1")]
    [InlineData("ip -6 address delete fe80::1/128 dev fcc0a86402")]
    [InlineData("ip -6 route delete 2001:db8:1250::100:2")]
    [InlineData("ip -6 route delete fe80::fc:c0ff:fea8:6402 dev fcc0a86402")]
    [InlineData("ip -6 route add 2001:db8:1250::dead dev up0 proto 252")]
    [InlineData("ip -6 neighbour delete 2001:db8:1250::100:2 dev fcc0a86402")]
    [InlineData("ip route delete 203.0.113.33")]
    [InlineData("ip link set up0 down")]
    [InlineData("sysctl -q -w net.ipv6.conf.all.forwarding=0")]
    public async Task Others_changes_are_told(string change)
    {
        await using var host = await StartAsync();
        await SettleAsync(host);

        host.Host(change);

        await host.Network.ChangedAsync(Token).WaitAsync(Soon, Token);
        Assert.NotEqual(ObservationScope.None, host.Network.TakeChanges());
    }

    [Fact]
    public async Task Our_own_doing_is_not_told()
    {
        await using var host = await StartAsync();
        await SettleAsync(host);
        var changed = host.Network.ChangedAsync(Token);

        var more = Enumerable.Range(10, 40).Select(i => ProviderHost.Guest(i, given: null)).ToList();
        await Task.WhenAll(more.Select(host.AttachAsync));
        await Task.WhenAll(more.Take(20).Select(host.DetachAsync));
        await host.ChangeAsync(ProviderHost.Guest(3, given: ProviderHost.ExtraOf(2)));
        await host.DetachAsync(Guests[0]);

        await Assert.ThrowsAsync<TimeoutException>(() => changed.WaitAsync(Quiet, Token));
        Assert.Equal(ObservationScope.None, host.Network.TakeChanges());
    }

    private static async Task SettleAsync(TestHost host)
    {
        // What the start itself has set off is over.
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        host.Network.TakeChanges();
    }

    private static string Text(Difference difference) =>
        $"{DriftNames.Of(difference.Object)} {difference.Name}: {difference.Found}";

    private static string Everything(TestHost host) => host.Snapshot() + host.Ipv6Snapshot();

    private static string[] Sorted(string lines) => [.. lines.Split('\n').Order(StringComparer.Ordinal)];

    // On the link, so that proxies of both families are there.
    private static async Task<TestHost> StartAsync()
    {
        var host = await ProviderHost.StartAsync(PrefixDelivery.OnLink);
        await host.ApplyAsync(TestHost.Desired(Guests));
        return host;
    }
}
