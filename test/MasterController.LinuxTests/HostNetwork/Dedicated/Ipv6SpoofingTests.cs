using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>A guest sends IPv6 as itself alone, and what it says about neighbours is not believed.</summary>
public sealed class Ipv6SpoofingTests
{
    private static readonly Ipv6Address Router = Ipv6Address.Parse(ProviderHost.RouterAddress);
    private static readonly Ipv6Address Own = ProviderHost.Ipv6Of(2);

    [Theory]
    [InlineData("2001:db8:1250::100:3")] // another guest's
    [InlineData("2001:db8:1250::dead")] // of the prefix, nobody's
    [InlineData("2001:db8:ffff::2")] // the host's
    [InlineData("2001:db8:eeee::1")] // of the internet
    [InlineData("fe80::1")] // the gateway's
    public async Task A_packet_from_another_address_is_dropped(string source)
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(ProviderHost.Guest(2));
        using var socket = host.ListenAtRouter(7);
        socket.ReceiveTimeout = 500;

        guest.Send(Ipv6Frames.Udp(guest.Router, guest.Mac, Ipv6Address.Parse(source), Router, 7, "spoofed"));
        guest.Send(Ipv6Frames.Udp(guest.Router, guest.Mac, Own, Router, 7, "own"));

        // In order: what came first would be there first.
        var buffer = new byte[16];
        var length = socket.Receive(buffer);
        Assert.Equal("own", System.Text.Encoding.ASCII.GetString(buffer, 0, length));
        Assert.DoesNotContain(source + " ", host.Host("sh", "-c", "conntrack -L -f ipv6 2>/dev/null || true"));
    }

    [Fact]
    public async Task An_advertisement_of_a_guest_changes_no_neighbour()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(ProviderHost.Guest(2));
        var before = Neighbours(host);
        var other = new MacAddress(0x0200_0000_0666);

        foreach (var claimed in (Ipv6Address[])[Own, ProviderHost.Guest(2).LinkLocal, ProviderHost.Ipv6Of(3), Router])
        foreach (var source in (Ipv6Address[])[Own, ProviderHost.Guest(2).LinkLocal])
            guest.Send(Ipv6Frames.Advertise(guest.Router, other, source, HostNetworkMarks.Gateway6, claimed));
        AnswersSolicitation(guest);

        Assert.Equal(before, Neighbours(host));
    }

    [Fact]
    public async Task A_flood_of_solicitations_leaves_no_neighbour_entries()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(ProviderHost.Guest(2));
        var before = Neighbours(host);

        for (var i = 0; i < 2_000; i++)
        {
            var source = i % 2 == 0 ? Own : new Ipv6Address(Own.Value + (uint)i);
            guest.Send(Ipv6Frames.Solicit(guest.Router, guest.Mac, source, HostNetworkMarks.Gateway6));
        }
        AnswersSolicitation(guest);

        Assert.Equal(before, Neighbours(host));
    }

    [Fact]
    public async Task The_gateway_answers_solicitation_and_echo_and_nothing_else()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(ProviderHost.Guest(2));

        AnswersSolicitation(guest);
        guest.Send(Ipv6Frames.Echo(guest.Router, guest.Mac, Own, HostNetworkMarks.Gateway6));
        Assert.NotNull(guest.Receive(Ipv6Frames.IsEchoReply, probe: null));
        guest.Send(Ipv6Frames.Echo(guest.Router, guest.Mac, Own, Ipv6Address.Parse("2001:db8:ffff::2")));
        Assert.Null(guest.Receive(Ipv6Frames.IsEchoReply, guest.Probe));
    }

    // Asked by its link-local address, as kernels ask.
    private static void AnswersSolicitation(Guest guest)
    {
        guest.Send(
            Ipv6Frames.Solicit(guest.Router, guest.Mac, ProviderHost.Guest(2).LinkLocal, HostNetworkMarks.Gateway6)
        );
        Assert.NotNull(
            guest.Receive(frame => Ipv6Frames.IsAdvertisementOf(frame, HostNetworkMarks.Gateway6), probe: null)
        );
    }

    private static string[] Neighbours(TestHost host) =>
        [
            .. host.Host("ip -6 neighbour show nud all")
                .Split('\n')
                .Where(line =>
                    line.Contains(" dev fc", StringComparison.Ordinal)
                    && !line.Contains("NOARP", StringComparison.Ordinal)
                )
                .Order(StringComparer.Ordinal),
        ];

    private static async Task<TestHost> StartAsync()
    {
        var host = await ProviderHost.StartAsync(PrefixDelivery.Routed);
        await host.ApplyAsync(TestHost.Desired(ProviderHost.Guest(2), ProviderHost.Guest(3)));
        return host;
    }
}
