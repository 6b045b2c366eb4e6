using System.Net;
using System.Net.Sockets;
using System.Text;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>What guests can and cannot do, seen from raw frames on their TAPs.</summary>
public sealed class TrafficTests
{
    private const int Port = 5353;
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Fact]
    public async Task The_gateway_answers_arp_and_ping()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);

        Assert.Equal(HostNetworkMarks.RouterMac, guest.Resolve(TestHost.Gateway));
        Assert.True(guest.Ping(TestHost.Gateway));
    }

    [Fact]
    public async Task The_host_answers_arp_for_another_address_of_the_guests_network()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);

        Assert.Equal(HostNetworkMarks.RouterMac, guest.Resolve(B.Address));
    }

    [Fact]
    public async Task A_tap_that_is_about_to_be_deleted_lets_no_packet_in()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        Assert.True(guest.Ping(TestHost.Gateway));

        host.Host("ip link set fcc0a86402 group 26212");

        Assert.False(guest.Ping(TestHost.Gateway));
        Assert.False(guest.Ping(TestHost.InternetAddress));
    }

    [Fact]
    public async Task Arp_with_anothers_sender_address_is_ignored_and_leaves_no_entry()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        var before = host.Host("ip neighbour show dev fcc0a86402");

        Assert.Null(guest.Resolve(TestHost.HostAddress, sender: B.Address));
        Assert.Equal(before, host.Host("ip neighbour show dev fcc0a86402"));
    }

    [Fact]
    public async Task The_far_side_sees_the_uplinks_address_and_its_answer_arrives()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet(Port);

        guest.Send(Frames.Udp(guest.Router, guest.Mac, guest.Address, TestHost.InternetAddress, Port, "hello"));
        Assert.Equal("hello", Read(server, out var seen));
        Assert.Equal(TestHost.HostAddress.ToString(), seen.Address.ToString());

        server.SendTo("welcome"u8, seen);
        Assert.NotNull(guest.Receive(frame => Guest.IsUdp(frame, "welcome"), null));
    }

    [Fact]
    public async Task The_far_side_cannot_begin_a_conversation_with_a_guest()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        host.Internet("ip route add 192.168.100.0/24 via 203.0.113.2");
        using var server = host.ListenOnInternet(Port);

        server.SendTo("intruder"u8, new IPEndPoint(guest.Address.ToIPAddress(), 40_000));

        Assert.Null(guest.Receive(frame => Guest.IsUdp(frame, "intruder"), guest.Probe));
    }

    [Theory]
    [InlineData("192.168.100.3")] // another guest's
    [InlineData("192.168.100.77")] // nobody's
    [InlineData("203.0.113.1")] // the uplink's side
    [InlineData("8.8.8.8")]
    public async Task A_spoofed_source_is_dropped_before_connection_tracking(string source)
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var server = host.ListenOnInternet(Port);

        var spoofed = Ipv4Address.Parse(source);
        guest.Send(Frames.Udp(guest.Router, guest.Mac, spoofed, TestHost.InternetAddress, Port, "spoofed"));
        guest.Send(Frames.Udp(guest.Router, guest.Mac, guest.Address, TestHost.InternetAddress, Port, "honest"));

        Assert.Equal("honest", Read(server, out _));
        Assert.DoesNotContain(
            $"src={source} dst={TestHost.InternetAddress} ",
            host.Host("cat /proc/thread-self/net/nf_conntrack")
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Guests_reach_each_other_only_where_the_pool_allows_it(bool allowed)
    {
        await using var host = await StartAsync(allowed);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);

        guest.Send(Frames.Udp(guest.Router, guest.Mac, A.Address, B.Address, Port, "neighbour"));

        Assert.Equal(allowed, other.Receive(frame => Guest.IsUdp(frame, "neighbour"), other.Probe) is not null);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Guests_of_two_pools_reach_each_other_only_where_both_allow_it(bool here, bool there)
    {
        await using var host = await TestHost.StartAsync();
        var stranger = new Attachment(
            Ipv4Address.Parse("192.168.200.2"),
            Ipv4Address.Parse("192.168.200.1"),
            TestHost.Owner
        );
        await host.ApplyAsync(
            new DesiredNetwork(
                [
                    new PoolNetwork(TestHost.Pool, [TestHost.Gateway], here),
                    new PoolNetwork(Ipv4Network.Parse("192.168.200.0/24"), [stranger.Gateway!.Value], there),
                ],
                [A, stranger]
            )
        );
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(stranger);

        guest.Send(Frames.Udp(guest.Router, guest.Mac, guest.Address, other.Address, Port, "out"));
        Assert.Equal(here && there, other.Receive(frame => Guest.IsUdp(frame, "out"), other.Probe) is not null);
        other.Send(Frames.Udp(other.Router, other.Mac, other.Address, guest.Address, Port, "in"));
        Assert.Equal(here && there, guest.Receive(frame => Guest.IsUdp(frame, "in"), guest.Probe) is not null);
    }

    [Theory]
    [InlineData("192.168.100.1")]
    [InlineData("203.0.113.2")]
    public async Task The_hosts_own_services_do_not_hear_a_guest(string address)
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var service = host.ListenOnHost(Port);
        service.ReceiveTimeout = 1;

        guest.Send(Frames.Udp(guest.Router, guest.Mac, A.Address, Ipv4Address.Parse(address), Port, "service"));
        guest.Send(Frames.TcpSyn(guest.Router, guest.Mac, A.Address, Ipv4Address.Parse(address), 22));

        Assert.Null(guest.Receive(IsTcpOrUnreachable, guest.Probe));
        Assert.Throws<SocketException>(() => Read(service, out _));
    }

    [Fact]
    public async Task The_host_itself_reaches_a_guest_and_gets_its_answer()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var client = host.ListenOnHost(Port);

        client.SendTo("question"u8, new IPEndPoint(guest.Address.ToIPAddress(), 40_000));
        var frame = guest.Receive(frame => Guest.IsUdp(frame, "question"), null);
        Assert.Equal(TestHost.Gateway, Ipv4Address.FromBytes(frame.AsSpan(26)));
        guest.Send(Frames.Udp(guest.Router, guest.Mac, guest.Address, TestHost.Gateway, Port, "answer"));

        Assert.Equal("answer", Read(client, out _));
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.1.1")]
    [InlineData("127.0.0.1")]
    public async Task Link_local_and_loopback_are_out_of_reach_even_where_the_host_routes_them(string address)
    {
        await using var host = await StartAsync();
        host.Internet("ip address add 169.254.169.254/32 dev lo");
        host.Internet("ip address add 169.254.1.1/32 dev lo");
        using var guest = await host.PlugInAsync(A);

        Assert.False(guest.Ping(Ipv4Address.Parse(address)));
        Assert.True(guest.Ping(TestHost.InternetAddress));
    }

    [Fact]
    public async Task Networks_that_the_operator_refuses_are_out_of_reach()
    {
        await using var host = await TestHost.StartAsync(
            refused: [.. HostNetworkOptions.DefaultRefusedNetworks, .. HostNetworkOptions.PrivateNetworks]
        );
        await host.ApplyAsync(TestHost.Desired(A));
        host.Internet("ip address add 10.1.2.3/32 dev lo");
        using var guest = await host.PlugInAsync(A);

        Assert.False(guest.Ping(Ipv4Address.Parse("10.1.2.3")));
        Assert.True(guest.Ping(TestHost.InternetAddress));
    }

    [Fact]
    public async Task A_guest_leaves_by_no_interface_but_the_uplink()
    {
        await using var host = await StartAsync();
        host.Host("ip link add lan0 type veth peer name lan1");
        host.Host("ip address add 10.5.0.1/24 dev lan0");
        host.Host("ip link set lan0 up");
        host.Host("ip link set lan1 up");
        host.Host("ip neighbour add 10.5.0.2 lladdr 02:00:00:00:00:05 dev lan0 nud permanent");
        using var guest = await host.PlugInAsync(A);

        Assert.False(guest.Ping(Ipv4Address.Parse("10.5.0.2")));
        Assert.Equal("0", host.Host("cat /proc/sys/net/ipv4/conf/lan0/proxy_arp").Trim());
        Assert.DoesNotContain("dst=10.5.0.2 ", host.Host("cat /proc/thread-self/net/nf_conntrack"));
    }

    [Fact]
    public async Task An_old_gateway_of_the_pool_goes_on_answering()
    {
        await using var host = await TestHost.StartAsync();
        var grown = Ipv4Address.Parse("192.168.0.1");
        await host.ApplyAsync(
            new DesiredNetwork(
                [new PoolNetwork(Ipv4Network.Parse("192.168.0.0/16"), [grown, TestHost.Gateway], false)],
                [A]
            )
        );
        using var guest = await host.PlugInAsync(A);

        Assert.Equal(HostNetworkMarks.RouterMac, guest.Resolve(TestHost.Gateway));
        Assert.True(guest.Ping(TestHost.Gateway));
        Assert.True(guest.Ping(grown));
        Assert.True(guest.Ping(TestHost.InternetAddress));
    }

    [Fact]
    public async Task A_guests_ipv6_meets_no_answer_and_makes_no_address()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);

        guest.Send(Frames.RouterSolicitation(guest.Mac));

        Assert.Null(guest.Receive(frame => frame[12] == 0x86 && frame[13] == 0xdd, guest.Probe));
        Assert.Empty(host.Host("ip -6 address show dev fcc0a86402"));
        Assert.Empty(host.Host("ip -6 neighbour show dev fcc0a86402"));
    }

    [Fact]
    public async Task Traffic_goes_on_while_the_table_is_replaced()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet(Port);
        guest.Send(Frames.Udp(guest.Router, guest.Mac, guest.Address, TestHost.InternetAddress, Port, "hello"));
        Read(server, out var seen);

        host.Host("nft insert rule inet master_controller guest_input accept");
        await host.ApplyAsync(TestHost.Desired(A, B));
        server.SendTo("still there"u8, seen);

        Assert.NotNull(guest.Receive(frame => Guest.IsUdp(frame, "still there"), null));
    }

    private static async Task<TestHost> StartAsync(bool vmToVm = false)
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(vmToVm, A, B));
        return host;
    }

    private static string Read(Socket socket, out IPEndPoint sender)
    {
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        var buffer = new byte[2048];
        var length = socket.ReceiveFrom(buffer, ref from);
        sender = (IPEndPoint)from;
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    private static bool IsTcpOrUnreachable(byte[] frame) =>
        frame is [.., _] && frame[12] == 8 && frame[13] == 0 && (frame[23] == 6 || (frame[23] == 1 && frame[34] == 3));
}
