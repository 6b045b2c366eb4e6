using System.Net;
using System.Net.Sockets;
using System.Text;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Bridges;

/// <summary>What guests on the bridge can and cannot do, seen from raw frames on their TAPs.</summary>
public sealed class BridgeTrafficTests
{
    private const int Port = 5353;
    private static readonly MacAddress Router = HostNetworkMarks.RouterMac;
    private static readonly Attachment A = TestHost.OnBridge("192.168.100.2");
    private static readonly Attachment B = TestHost.OnBridge("192.168.100.3");

    private static readonly Attachment Routed = new(
        Ipv4Address.Parse("192.168.200.2"),
        Ipv4Address.Parse("192.168.200.1"),
        TestHost.Owner
    );

    [Fact]
    public async Task The_gateway_answers_arp_and_ping()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);

        Assert.Equal(Router, guest.Resolve(TestHost.Gateway));
        Assert.True(guest.Ping(TestHost.Gateway));
    }

    [Fact]
    public async Task The_far_side_sees_the_uplinks_address_and_its_answer_arrives()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet(Port);

        guest.Send(Frames.Udp(Router, guest.Mac, guest.Address, TestHost.InternetAddress, Port, "hello"));
        Assert.Equal("hello", Read(server, out var seen));
        Assert.Equal(TestHost.HostAddress.ToString(), seen.Address.ToString());

        server.SendTo("welcome"u8, seen);
        Assert.NotNull(guest.Receive(frame => Guest.IsUdp(frame, "welcome"), null));
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
        guest.Send(Frames.Udp(Router, guest.Mac, guest.Address, TestHost.Gateway, Port, "answer"));

        Assert.Equal("answer", Read(client, out _));
    }

    [Theory]
    [InlineData("192.168.100.3")] // another guest's
    [InlineData("192.168.100.77")] // nobody's
    [InlineData("192.168.100.1")] // the gateway's
    [InlineData("203.0.113.1")] // the uplink's side
    [InlineData("8.8.8.8")]
    [InlineData("0.0.0.0")]
    public async Task A_spoofed_source_is_dropped_before_connection_tracking(string source)
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var server = host.ListenOnInternet(Port);

        var spoofed = Ipv4Address.Parse(source);
        guest.Send(Frames.Udp(Router, guest.Mac, spoofed, TestHost.InternetAddress, Port, "spoofed"));
        guest.Send(Frames.Udp(Router, guest.Mac, guest.Address, TestHost.InternetAddress, Port, "honest"));

        Assert.Equal("honest", Read(server, out _));
        Assert.DoesNotContain(
            $"src={source} dst={TestHost.InternetAddress} ",
            host.Host("cat /proc/thread-self/net/nf_conntrack")
        );
    }

    [Fact]
    public async Task A_spoofed_hardware_address_is_dropped_and_takes_nobodys_frames()
    {
        await using var host = await StartAsync(vmToVm: true);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var server = host.ListenOnInternet(Port);
        var before = host.Host("bridge fdb show");

        guest.Send(Frames.Udp(Router, other.Mac, guest.Address, TestHost.InternetAddress, Port, "spoofed"));
        guest.Send(Frames.Udp(Router, Router, guest.Address, TestHost.InternetAddress, Port, "spoofed"));
        guest.Send(Frames.Udp(Router, guest.Mac, guest.Address, TestHost.InternetAddress, Port, "honest"));

        Assert.Equal("honest", Read(server, out _));
        Assert.Equal(before, host.Host("bridge fdb show"));
        Assert.True(other.Ping(TestHost.Gateway));
    }

    [Fact]
    public async Task Arp_with_anothers_sender_is_dropped_and_changes_no_entry()
    {
        await using var host = await StartAsync(vmToVm: true);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        var before = host.Host("ip neighbour show dev fcbr0");

        Assert.Null(guest.Resolve(TestHost.Gateway, sender: B.Address));
        guest.Send(Frames.ArpReply(other.Mac, B.Address, guest.Mac, TestHost.Gateway)); // "the gateway is me"
        guest.Send(Frames.ArpReply(Router, TestHost.Gateway, other.Mac, B.Address)); // from another's hardware address
        guest.Send(WithSender(Frames.ArpReply(other.Mac, B.Address, Router, A.Address), guest.Mac)); // inside alone

        Assert.Null(other.Receive(IsArp, other.Probe));
        Assert.Equal(before, host.Host("ip neighbour show dev fcbr0"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Guests_of_one_pool_reach_each_other_only_where_it_allows_it(bool allowed, bool filtersBridges)
    {
        await using var host = await StartAsync(allowed);
        // Where the module br_netfilter is loaded, frames on a bridge meet the rules for packets as well.
        if (Directory.Exists("/proc/sys/net/bridge"))
            host.Host($"sysctl -q -w net.bridge.bridge-nf-call-iptables={(filtersBridges ? 1 : 0)}");
        else if (filtersBridges)
            Assert.Skip("br_netfilter is not loaded");
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);

        guest.Send(Frames.ArpRequest(guest.Mac, A.Address, B.Address));
        Assert.Equal(allowed, other.Receive(IsArp, other.Probe) is not null);
        guest.Send(Frames.Udp(other.Mac, guest.Mac, A.Address, B.Address, Port, "direct"));
        Assert.Equal(allowed, other.Receive(frame => Guest.IsUdp(frame, "direct"), other.Probe) is not null);
        guest.Send(Frames.Udp(Frames.Broadcast, guest.Mac, A.Address, Broadcast, Port, "to all"));
        Assert.Equal(
            allowed && !filtersBridges,
            other.Receive(frame => Guest.IsUdp(frame, "to all"), other.Probe) is not null
        );
        // Past the gateway, as one with a longer mask does.
        guest.Send(Frames.Udp(Router, guest.Mac, A.Address, B.Address, Port, "routed"));
        Assert.Equal(allowed, other.Receive(frame => Guest.IsUdp(frame, "routed"), other.Probe) is not null);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Guests_of_two_pools_on_the_bridge_reach_each_other_where_both_allow_it(bool ofA, bool ofB)
    {
        await using var host = await TestHost.StartAsync();
        var stranger = Routed with { Mode = NetworkMode.Bridge };
        await host.ApplyAsync(
            new DesiredNetwork([TestHost.Bridged(ofA), Second(ofB, NetworkMode.Bridge)], [A, stranger])
        );
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(stranger);

        AssertReach(guest, other, ofA && ofB, direct: true);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_guest_on_the_bridge_and_a_routed_one_reach_each_other_where_both_pools_allow_it(
        bool ofA,
        bool ofB
    )
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(
            new DesiredNetwork([TestHost.Bridged(ofA), Second(ofB, NetworkMode.Routed)], [A, Routed])
        );
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(Routed);

        AssertReach(guest, other, ofA && ofB, direct: false);
        Assert.True(guest.Ping(TestHost.InternetAddress));
        Assert.True(other.Ping(TestHost.InternetAddress));
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

        guest.Send(Frames.Udp(Router, guest.Mac, A.Address, Ipv4Address.Parse(address), Port, "service"));
        guest.Send(Frames.TcpSyn(Router, guest.Mac, A.Address, Ipv4Address.Parse(address), 22));

        Assert.Null(guest.Receive(frame => frame[12] == 8 && frame[13] == 0 && frame[23] == 6, guest.Probe));
        Assert.Throws<SocketException>(() => Read(service, out _));
    }

    [Fact]
    public async Task Metadata_is_out_of_reach()
    {
        await using var host = await StartAsync();
        host.Internet("ip address add 169.254.169.254/32 dev lo");
        using var guest = await host.PlugInAsync(A);

        Assert.False(guest.Ping(Ipv4Address.Parse("169.254.169.254"), router: Router));
        Assert.True(guest.Ping(TestHost.InternetAddress));
    }

    [Fact]
    public async Task Ipv6_tagged_frames_and_answers_of_a_dhcp_server_reach_nobody()
    {
        await using var host = await StartAsync(vmToVm: true);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var service = host.ListenOnHost(68);
        service.ReceiveTimeout = 1;

        guest.Send(Frames.RouterSolicitation(guest.Mac));
        guest.Send(Tagged(Frames.Udp(other.Mac, guest.Mac, A.Address, B.Address, Port, "tagged")));
        guest.Send(WithSourcePort(Frames.Udp(Frames.Broadcast, guest.Mac, A.Address, Broadcast, 68, "offer"), 67));

        // What its own probe brings is an answer by ICMP.
        Assert.Null(other.Receive(frame => frame[12] != 8 || frame[23] == 17, other.Probe));
        Assert.Throws<SocketException>(() => Read(service, out _));
        Assert.Empty(host.Host("ip -6 neighbour show dev fcbr0"));
    }

    [Fact]
    public async Task Growing_the_pool_under_running_guests_loses_nothing_and_changes_no_port()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        var gateway = Ipv4Address.Parse("192.168.100.254");
        var wider = Ipv4Network.Parse("192.168.100.0/22");
        var port = host.Host("bridge -d link show dev fcc0a86402");
        using var server = host.ListenOnInternet(Port);
        guest.Send(Frames.Udp(Router, guest.Mac, A.Address, TestHost.InternetAddress, Port, "hello"));
        Read(server, out var seen);
        var grown = new PoolNetwork(wider, [gateway, TestHost.Gateway], false) { Mode = NetworkMode.Bridge };
        var answered = 0;
        void Ping()
        {
            Assert.True(guest.Ping(TestHost.Gateway, router: Router));
            Assert.True(guest.Ping(TestHost.InternetAddress, router: Router));
            server.SendTo("still there"u8, seen);
            Assert.NotNull(guest.Receive(frame => Guest.IsUdp(frame, "still there"), null));
            answered++;
        }

        Ping();
        Assert.Contains("added gateway 192.168.100.254/22 on fcbr0", await SetAsync(host, TestHost.Bridged(), grown));
        Ping();
        Assert.Contains("removed gateway 192.168.100.1/24 on fcbr0", await SetAsync(host, grown));
        Ping();
        Assert.True(guest.Ping(gateway, router: Router));
        Assert.Empty(await SetAsync(host, grown));

        var far = new Attachment(Ipv4Address.Parse("192.168.103.9"), gateway, TestHost.Owner)
        {
            Mode = NetworkMode.Bridge,
        };
        await host.AttachAsync(far);
        using var other = await host.PlugInAsync(far);
        Assert.True(other.Ping(TestHost.InternetAddress));
        Assert.Equal(port, host.Host("bridge -d link show dev fcc0a86402"));

        await SetAsync(host, TestHost.Bridged());
        Ping();
        Assert.Equal(4, answered);
    }

    [Fact]
    public async Task Traffic_goes_on_while_the_table_is_replaced()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        Assert.True(guest.Ping(TestHost.InternetAddress));

        host.Host("nft insert rule bridge master_controller from_guest accept");
        Assert.Equal(
            ["replaced the nftables table bridge master_controller"],
            await SetAsync(host, TestHost.Bridged())
        );

        Assert.True(guest.Ping(TestHost.InternetAddress));
        Assert.Contains("fcc0a86402", host.Host("nft list set bridge master_controller guests"));
    }

    [Fact]
    public async Task Guests_are_asked_on_the_wire()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        using var silent = await host.PlugInAsync(B);
        await using var answering = new AnsweringGuest(guest);

        var answers = await host.Network.ProbeAsync(
            [A, B],
            TimeSpan.FromSeconds(2),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(new ProbeAnswer(Arp: true, Icmp: true), answers[A.Address]);
        Assert.False(answers[B.Address].Any);
    }

    private static readonly Ipv4Address Broadcast = Ipv4Address.Parse("255.255.255.255");

    private static void AssertReach(Guest guest, Guest other, bool allowed, bool direct)
    {
        guest.Send(Frames.Udp(Router, guest.Mac, guest.Address, other.Address, Port, "out"));
        Assert.Equal(allowed, other.Receive(frame => Guest.IsUdp(frame, "out"), other.Probe) is not null);
        other.Send(Frames.Udp(Router, other.Mac, other.Address, guest.Address, Port, "in"));
        Assert.Equal(allowed, guest.Receive(frame => Guest.IsUdp(frame, "in"), guest.Probe) is not null);
        if (!direct)
            return;
        guest.Send(Frames.Udp(other.Mac, guest.Mac, guest.Address, other.Address, Port, "direct"));
        Assert.Equal(allowed, other.Receive(frame => Guest.IsUdp(frame, "direct"), other.Probe) is not null);
    }

    private static PoolNetwork Second(bool vmToVm, NetworkMode mode) =>
        new(Ipv4Network.Parse("192.168.200.0/24"), [Routed.Gateway!.Value], vmToVm) { Mode = mode };

    private static Task<IReadOnlyList<string>> SetAsync(TestHost host, params PoolNetwork[] networks) =>
        host.Network.SetNetworksAsync(networks, replaced: [], TestContext.Current.CancellationToken);

    private static async Task<TestHost> StartAsync(bool vmToVm = false)
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(new DesiredNetwork([TestHost.Bridged(vmToVm)], [A, B]));
        return host;
    }

    private static bool IsArp(byte[] frame) => frame[12] == 8 && frame[13] == 6;

    private static byte[] WithSender(byte[] frame, MacAddress sender)
    {
        sender.WriteBytes(frame.AsSpan(6));
        return frame;
    }

    private static byte[] Tagged(byte[] frame) => [.. frame.AsSpan(0, 12), 0x81, 0, 0, 5, .. frame.AsSpan(12)];

    private static byte[] WithSourcePort(byte[] frame, byte port)
    {
        frame[34] = 0;
        frame[35] = port;
        return frame;
    }

    private static string Read(Socket socket, out IPEndPoint sender)
    {
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        var buffer = new byte[2048];
        var length = socket.ReceiveFrom(buffer, ref from);
        sender = (IPEndPoint)from;
        return Encoding.ASCII.GetString(buffer, 0, length);
    }
}
