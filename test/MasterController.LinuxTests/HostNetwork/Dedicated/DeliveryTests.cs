using System.Net;
using System.Text;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;
using MasterController.Linux.Probes;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>How a prefix and extra addresses get to the host, and what the host changes of itself for it.</summary>
public sealed class DeliveryTests
{
    private static readonly Ipv6Address Router = Ipv6Address.Parse(ProviderHost.RouterAddress);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        PrefixDelivery.Routed,
        null,
        PrefixDelivery.Routed,
        "no network on up0's link has 2001:db8:1250::/64 in it"
    )]
    [InlineData(
        PrefixDelivery.OnLink,
        null,
        PrefixDelivery.OnLink,
        "up0 has 2001:db8:1250::/64 on its link, which is the prefix"
    )]
    [InlineData(PrefixDelivery.OnLink, PrefixDelivery.Routed, PrefixDelivery.Routed, "external.ipv6_delivery says so")]
    public async Task The_way_of_delivery_is_found_out_by_looking(
        PrefixDelivery real,
        PrefixDelivery? wish,
        PrefixDelivery found,
        string why
    )
    {
        await using var host = await ProviderHost.StartAsync(real, wish);

        var survey = await host.Network.SurveyExternalAsync(Token);

        Assert.Equal(found, survey.Delivery);
        Assert.StartsWith(why, survey.Why);
        Assert.Empty(survey.Problems);
        Assert.True(survey.HasIpv6DefaultRoute);
        Assert.Equal(
            real == PrefixDelivery.OnLink ? ["2001:db8:1250::", ProviderHost.HostAddress] : ["2001:db8:1250::"],
            survey.HostIpv6.Select(address => $"{address}")
        );
        Assert.Equal([TestHost.HostAddress], survey.HostIpv4);
    }

    [Fact]
    public async Task The_router_of_a_routed_prefix_needs_no_neighbour_and_what_nobody_has_comes_back_as_unreachable()
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.Routed);
        await host.ApplyAsync(TestHost.Desired(ProviderHost.Guest(2)));

        Assert.Equal("", host.Host("ip -6 neighbour show proxy"));
        Assert.Contains($"unreachable {ProviderHost.Prefix} dev lo proto 252 metric 1024", host.Host("ip -6 route"));
        Assert.Contains($"unreachable {ProviderHost.RoutedExtra} proto 252 metric 1024", host.Host("ip route"));
        Assert.DoesNotContain($"unreachable {ProviderHost.Extra}", host.Host("ip route"));
        // Address unreachable (RFC 4443, 3.1), not a packet that goes to and fro until its hop limit.
        var answer = host.Internet("sh", "-c", "ping -c 1 -W 2 2001:db8:1250::dead 2>&1 || true");
        Assert.Contains("Destination unreachable", answer);
    }

    [Fact]
    public async Task The_router_of_a_prefix_on_the_link_finds_a_guest_through_its_proxy_and_not_without()
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.OnLink);
        await host.ApplyAsync(TestHost.Desired(ProviderHost.Guest(2), ProviderHost.Guest(3)));

        Assert.Equal(host.MacOf("up0"), await host.ResolveAtRouterAsync("2001:db8:1250::100:2"));
        Assert.Null(await host.ResolveAtRouterAsync("2001:db8:1250::100:9"));
        host.Host("ip -6 neighbour delete proxy 2001:db8:1250::100:3 dev up0");
        Assert.Null(await host.ResolveAtRouterAsync("2001:db8:1250::100:3"));
        Assert.DoesNotContain("unreachable", host.Host("ip -6 route show proto 252"));
    }

    [Fact]
    public async Task A_one_to_one_address_is_answered_for_on_the_link_and_is_none_of_the_hosts()
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.Routed);
        var given = ProviderHost.ExtraOf(1);
        await host.ApplyAsync(TestHost.Desired(ProviderHost.Guest(2, ipv6: false, given)));

        Assert.Equal(host.MacOf("up0"), await host.ResolveAtRouterAsync($"{given}"));
        Assert.Null(await host.ResolveAtRouterAsync($"{ProviderHost.ExtraOf(2)}"));
        Assert.DoesNotContain($"{given}", host.Host("ip address"));
        Assert.StartsWith(
            $"{given} dev fcc0a86402 proto 252 scope link src 192.168.100.1",
            host.Host($"ip route get {given} fibmatch")
        );
    }

    [Theory]
    [InlineData(PrefixDelivery.Routed)]
    [InlineData(PrefixDelivery.OnLink)]
    public async Task A_guest_reaches_out_with_its_own_address_and_gets_its_answer(PrefixDelivery how)
    {
        await using var host = await ProviderHost.StartAsync(how);
        var attachment = ProviderHost.Guest(2);
        await host.ApplyAsync(TestHost.Desired(attachment));
        using var guest = await host.PlugInAsync(attachment);
        using var socket = host.ListenAtRouter(7);
        guest.Send(Ipv6Frames.Udp(guest.Router, guest.Mac, ProviderHost.Ipv6Of(2), Router, 7, "hello"));

        var buffer = new byte[64];
        EndPoint from = new IPEndPoint(IPAddress.IPv6Any, 0);
        var length = socket.ReceiveFrom(buffer, ref from);
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, length));
        Assert.Equal("2001:db8:1250::100:2", ((IPEndPoint)from).Address.ToString());
        socket.SendTo("welcome"u8.ToArray(), from);
        Assert.NotNull(guest.Receive(frame => Ipv6Frames.IsUdp(frame, "welcome"), probe: null));
    }

    [Fact]
    public async Task A_default_route_that_was_advertised_survives_that_the_host_becomes_a_router()
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.Routed);
        host.Host("ip -6 route delete default");
        await AdvertiseAsync(host, expected: true);

        await host.ApplyAsync(TestHost.Desired(ProviderHost.Guest(2)));

        Assert.Equal("1", host.Host("sysctl -n net.ipv6.conf.all.forwarding").Trim());
        Assert.Equal("2", host.Host("sysctl -n net.ipv6.conf.up0.accept_ra").Trim());
        Assert.Contains("default via fe80::1:1", host.Host("ip -6 route"));
        // And the next one is heeded as well.
        host.Host("ip -6 route delete default");
        await AdvertiseAsync(host, expected: true);
    }

    [Fact]
    public async Task Where_advertisements_are_not_heeded_they_stay_so()
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.Routed);
        host.Host("sysctl -q -w net.ipv6.conf.up0.accept_ra=0");

        await host.ApplyAsync(TestHost.Desired());

        Assert.Equal("0", host.Host("sysctl -n net.ipv6.conf.up0.accept_ra").Trim());
    }

    [Fact]
    public async Task Without_dedicated_networks_the_host_does_not_become_a_router_of_IPv6()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(TestHost.At("192.168.100.2")));

        Assert.Equal("0", host.Host("sysctl -n net.ipv6.conf.all.forwarding").Trim());
        Assert.Equal("", host.Host("ip -6 route show proto 252"));
    }

    [Fact]
    public async Task What_is_configured_no_more_is_removed()
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.Routed);
        await host.ApplyAsync(TestHost.Desired());
        await using var next = await host.OpenAsync();

        var changes = await next.ApplyAsync(TestHost.Desired(), Token);

        Assert.Contains("removed the unreachable route for 2001:db8:1250::/64", changes);
        Assert.Equal("", host.Host("ip -6 route show proto 252"));
        Assert.DoesNotContain("unreachable", host.Host("ip route show"));
        Assert.Empty(await next.ApplyAsync(TestHost.Desired(), Token));
    }

    [Theory]
    [InlineData("ip -6 address add 2001:db8:1250::9/72 dev other0", "external.ipv6", "2001:db8:1250::9/72 of other0")]
    [InlineData(
        "ip -6 route add 2001:db8:1250:0:8000::/65 dev other0",
        "external.ipv6",
        "a route to 2001:db8:1250:0:8000::/65 through other0"
    )]
    [InlineData(
        "ip -6 address add 2001:db8:1250::9/80 dev up0",
        "external.ipv6",
        "2001:db8:1250::/64 is larger than 2001:db8:1250::/80"
    )]
    [InlineData("ip address add 203.0.113.40/29 dev other0", "external.ipv4", "203.0.113.40/29 of other0")]
    [InlineData(
        "ip route add 198.51.100.33/32 dev other0",
        "external.ipv4",
        "a route to 198.51.100.33/32 through other0"
    )]
    public async Task What_stands_in_the_way_is_named_by_its_key(string command, string key, string words)
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.Routed);
        host.Host("ip link add other0 type veth peer name other1");
        host.Host("ip link set other0 up");
        Assert.Empty((await host.Network.SurveyExternalAsync(Token)).Problems);

        host.Host(command);

        var problem = Assert.Single(
            (await host.Network.SurveyExternalAsync(Token)).Problems,
            p => p.Message.Contains(words, StringComparison.Ordinal)
        );
        Assert.Equal(key, problem.Key);
    }

    [Fact]
    public async Task A_pool_in_an_extra_network_is_a_problem()
    {
        await using var host = await TestHost.StartAsync(
            external: new ExternalNetworks(null, null, [Ipv4Network.Parse("192.168.100.64/26")])
        );
        await host.ApplyAsync(TestHost.Desired());

        var problem = Assert.Single((await host.Network.SurveyExternalAsync(Token)).Problems);
        Assert.Equal(
            ("external.ipv4", "192.168.100.64/26 overlaps with the pool network 192.168.100.0/24"),
            (problem.Key, problem.Message)
        );
    }

    [Fact]
    public async Task Routers_and_the_ends_of_a_network_on_the_link_are_nobodys_to_have()
    {
        await using var host = await TestHost.StartAsync(
            external: new ExternalNetworks(null, null, [Ipv4Network.Parse("203.0.113.0/24")])
        );

        var survey = await host.Network.SurveyExternalAsync(Token);

        Assert.Equal(["203.0.113.0", "203.0.113.1", "203.0.113.255"], survey.ReservedIpv4.Select(a => $"{a}"));
        Assert.Empty(survey.Problems);
    }

    [Fact]
    public async Task An_uplink_that_goes_down_and_loses_its_networks_does_not_turn_the_prefix_into_a_routed_one()
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.OnLink);
        var desired = TestHost.Desired(ProviderHost.Guest(2));
        await host.ApplyAsync(desired);

        host.Host("ip link set up0 down");
        host.Host("ip link set up0 up");
        host.Host("ip route add default via 203.0.113.1");
        Assert.DoesNotContain(ProviderHost.HostAddress, host.Host("ip -6 address show dev up0"));
        Assert.Equal("", host.Host("ip -6 neighbour show proxy"));

        var found = await host.Network.ObserveAsync(ObservationScope.All, Token);
        Assert.Contains("proxy 2001:db8:1250::100:2 dev up0", found.Differences.Select(difference => difference.Name));
        await host.Network.RepairAsync(found.Differences, Token);
        Assert.Contains("2001:db8:1250::100:2", host.Host("ip -6 neighbour show proxy"));
        Assert.Equal(PrefixDelivery.OnLink, (await host.Network.SurveyExternalAsync(Token)).Delivery);
    }

    private static async Task AdvertiseAsync(TestHost host, bool expected)
    {
        using var socket = host.FarNamespace.Run(() => LinkSocket.Open(0x86dd, receives: false));
        var link = host.RouterLink();
        for (var tries = 0; tries < 100; tries++)
        {
            socket.TrySend(link.Index, Ipv6Frames.RouterAdvertisement(link.Mac!.Value, Ipv6Address.Parse("fe80::1:1")));
            await Task.Delay(50, Token);
            if (host.Host("ip -6 route").Contains("default via fe80::1:1", StringComparison.Ordinal))
                return;
        }
        Assert.False(expected, "no default route came of the advertisement");
    }
}
