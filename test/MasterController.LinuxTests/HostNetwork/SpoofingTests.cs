using System.Net;
using System.Net.Sockets;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>Guests that claim to be another: by Ethernet, ARP and IPv6. For IPv4 see <see cref="TrafficTests"/>.</summary>
public sealed class SpoofingTests
{
    private const int Port = 5353;
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Fact]
    public async Task Another_guests_hardware_address_brings_none_of_its_traffic()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        var before = host.Host("ip neighbour show nud permanent");

        // Answered, and to the guest itself: what is sent to it goes by its address and its own entry alone.
        guest.Send(Frames.Echo(guest.Router, B.Mac, A.Address, TestHost.Gateway, 77));
        var answer = guest.Receive(frame => frame[12] == 8 && frame[13] == 0 && frame[23] == 1, null)!;

        Assert.Equal(A.Mac, MacAddress.FromBytes(answer));
        Assert.Null(other.Receive(frame => frame[12] == 8 && frame[13] == 0, other.Probe));
        Assert.Equal(before, host.Host("ip neighbour show nud permanent"));
        Assert.True(other.Ping(TestHost.InternetAddress));
    }

    [Theory]
    [InlineData("192.168.100.3")] // another guest's
    [InlineData("192.168.100.1")] // the gateway's
    [InlineData("203.0.113.1")] // the uplink's side
    public async Task An_answer_to_arp_that_claims_anothers_address_changes_no_entry(string claimed)
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        Assert.True(other.Ping(TestHost.InternetAddress));
        var before = Entries(host);

        var address = Ipv4Address.Parse(claimed);
        guest.Send(Frames.ArpReply(guest.Router, TestHost.Gateway, guest.Mac, address));
        guest.Send(Frames.ArpReply(Frames.Broadcast, address, guest.Mac, address));
        guest.Send(Frames.ArpRequest(guest.Mac, address, address));

        Assert.True(guest.Ping(TestHost.Gateway));
        Assert.Equal(before, Entries(host));
        Assert.True(other.Ping(TestHost.InternetAddress));
    }

    [Theory]
    [InlineData("fe80::2")] // what a guest would have
    [InlineData("2001:db8::5")] // somebody's
    public async Task Ipv6_reaches_neither_the_host_nor_another_guest_nor_the_far_side(string source)
    {
        await using var host = await StartAsync();
        host.Host("sysctl -q -w net.ipv6.conf.all.forwarding=1");
        host.Host("ip -6 address add 2001:db8::2/64 dev up0 nodad");
        host.Internet("ip -6 address add 2001:db8::1/64 dev far0 nodad");
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var service = host.Namespace.Run(Listen);

        foreach (var target in (string[])["2001:db8::2", "2001:db8::1", "fe80::3", "ff02::1"])
            guest.Send(Frames.Ipv6Udp(guest.Router, guest.Mac, source, target, Port));

        Assert.True(guest.Ping(TestHost.Gateway));
        Assert.Null(other.Receive(frame => frame[12] == 0x86 && frame[13] == 0xdd, other.Probe));
        Assert.Throws<SocketException>(() => service.Receive(new byte[100]));
        Assert.DoesNotContain("ipv6", host.Host("cat /proc/thread-self/net/nf_conntrack"));
    }

    // Without what was only looked for and not found, and how fresh the rest is.
    private static string[] Entries(TestHost host) =>
        [
            .. host.Host("ip neighbour show")
                .Split('\n')
                .Where(line => line.Contains("lladdr"))
                .Select(line => line[..(line.IndexOf("lladdr ", StringComparison.Ordinal) + 24)])
                .Order(StringComparer.Ordinal),
        ];

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = 200,
        };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        return socket;
    }

    private static async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(A, B));
        return host;
    }
}
