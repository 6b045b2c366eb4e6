using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Policies.PoliciesInWords;

namespace MasterController.LinuxTests.HostNetwork.Policies;

/// <summary>What guests with policies reach, seen from raw frames on their TAPs.</summary>
public sealed class EgressTests
{
    private const int Port = 5353;
    private static readonly Ipv4Address Metadata = Ipv4Address.Parse("169.254.169.254");
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Theory]
    [InlineData("deny", "", "", false)]
    [InlineData("deny", "203.0.113.1:5353/udp", "", true)]
    [InlineData("deny", "203.0.113.0/24:5000-6000/udp", "", true)]
    [InlineData("deny", "0.0.0.0/0", "", true)]
    [InlineData("deny", "203.0.113.1:5353/tcp", "", false)]
    [InlineData("deny", "203.0.113.1:5354/udp", "", false)]
    [InlineData("deny", "198.51.100.0/24", "", false)]
    [InlineData("deny", "203.0.113.1:icmp", "", false)]
    [InlineData("allow", "", "203.0.113.0/24", false)]
    [InlineData("allow", "", "203.0.113.1:udp", false)]
    [InlineData("allow", "", "203.0.113.1:5353/tcp", true)]
    [InlineData("allow", "203.0.113.1:5353/udp", "0.0.0.0/0", false)]
    public async Task A_policy_decides_by_address_protocol_and_port(
        string rest,
        string allow,
        string deny,
        bool reaches
    )
    {
        await using var host = await StartAsync(With(A, Policy(rest, allow, deny)));
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet(Port);
        server.ReceiveTimeout = reaches ? 10_000 : 200;

        SendUdp(guest, TestHost.InternetAddress, "hello");

        if (reaches)
            Assert.Equal("hello", Read(server, out _));
        else
            Assert.Throws<SocketException>(() => Read(server, out _));
        Assert.Equal(reaches, host.Host("cat /proc/thread-self/net/nf_conntrack").Contains("dport=5353"));
    }

    [Fact]
    public async Task Ping_is_a_protocol_of_its_own()
    {
        await using var host = await StartAsync(With(A, Policy("deny", "0.0.0.0/0:icmp", "")));
        using var guest = await host.PlugInAsync(A);
        Assert.True(guest.Ping(TestHost.InternetAddress));

        await host.ChangeAsync(With(A, Policy("allow", "", "203.0.113.1:icmp")));

        Assert.False(guest.Ping(TestHost.InternetAddress));
    }

    [Theory]
    [InlineData("allow", "", "", false)]
    [InlineData("deny", "0.0.0.0/0", "", false)]
    [InlineData("allow", "0.0.0.0/0:icmp", "", false)]
    [InlineData("deny", "169.254.169.254:icmp", "", true)]
    [InlineData("allow", "169.254.169.254", "", true)]
    [InlineData("allow", "169.254.169.254:80/tcp", "", false)]
    [InlineData("allow", "169.254.169.254", "169.254.0.0/16", false)]
    public async Task Only_a_rule_that_names_it_opens_the_metadata_service(
        string rest,
        string allow,
        string deny,
        bool reaches
    )
    {
        await using var host = await StartAsync(With(A, Policy(rest, allow, deny)), B);
        host.Internet("ip address add 169.254.169.254/32 dev lo");
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);

        Assert.Equal(reaches, guest.Ping(Metadata));
        Assert.False(other.Ping(Metadata));
        Assert.False(guest.Ping(Ipv4Address.Parse("127.0.0.1")));
    }

    [Theory]
    [InlineData("192.168.100.1", "192.168.100.1:5353/udp", true)]
    [InlineData("192.168.100.1", "192.168.100.1:5000-6000/udp", true)]
    [InlineData("192.168.100.1", "192.168.100.1:5353/tcp", false)]
    [InlineData("192.168.100.1", "192.168.100.1", false)]
    [InlineData("192.168.100.1", "192.168.100.0/24:5353/udp", false)]
    [InlineData("192.168.100.1", "0.0.0.0/0", false)]
    [InlineData("203.0.113.2", "203.0.113.2:5353/udp", false)]
    public async Task Only_a_rule_that_names_it_opens_a_port_of_the_gateway(string to, string allow, bool reaches)
    {
        await using var host = await StartAsync(With(A, Policy("deny", allow, "")), B);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var service = host.ListenOnHost(Port);
        service.ReceiveTimeout = reaches ? 10_000 : 200;

        SendUdp(other, Ipv4Address.Parse(to), "stranger");
        SendUdp(guest, Ipv4Address.Parse(to), "question");

        if (!reaches)
        {
            Assert.Throws<SocketException>(() => Read(service, out _));
            return;
        }
        Assert.Equal("question", Read(service, out var seen));
        service.SendTo("answer"u8, seen);
        Assert.NotNull(guest.Receive(frame => Guest.IsUdp(frame, "answer"), null));

        // Withdrawn, also for the flow that there is.
        await host.ChangeAsync(With(A, Policy("deny", "", "")));
        service.ReceiveTimeout = 200;
        SendUdp(guest, Ipv4Address.Parse(to), "again");
        Assert.Throws<SocketException>(() => Read(service, out _));
        Assert.True(guest.Ping(TestHost.Gateway));
    }

    [Fact]
    public async Task A_change_decides_about_flows_that_there_are_in_both_directions()
    {
        await using var host = await StartAsync(A);
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet(Port);
        using var kept = host.ListenOnInternet(Port + 1);
        SendUdp(guest, TestHost.InternetAddress, "hello");
        SendUdp(guest, TestHost.InternetAddress, "hello", Port + 1);
        Read(server, out var seen);
        Read(kept, out var seenByKept);

        await host.ChangeAsync(With(A, Policy("deny", "203.0.113.1:5354/udp", "")));

        server.SendTo("too late"u8, seen);
        server.ReceiveTimeout = 200;
        SendUdp(guest, TestHost.InternetAddress, "too late");
        Assert.Throws<SocketException>(() => Read(server, out _));
        // The one that stays allowed goes on as the same flow; what was sent before it would have come before it.
        SendUdp(guest, TestHost.InternetAddress, "still here", Port + 1);
        Assert.Equal("still here", Read(kept, out var still));
        Assert.Equal(seenByKept, still);
        kept.SendTo("still there"u8, still);
        var next = guest.Receive(f => Guest.IsUdp(f, "still there") || Guest.IsUdp(f, "too late"), null);
        Assert.True(Guest.IsUdp(next!, "still there"));

        await host.ChangeAsync(A);
        server.ReceiveTimeout = 10_000;
        SendUdp(guest, TestHost.InternetAddress, "again");
        Assert.Equal("again", Read(server, out _));
    }

    [Fact]
    public async Task An_established_connection_that_stays_allowed_survives_a_change_and_ends_when_it_is_withdrawn()
    {
        await using var host = await StartAsync(A);
        using var guest = await host.PlugInAsync(A);
        using var server = host.AcceptOnInternet(443);
        guest.Send(Frames.TcpSyn(guest.Router, guest.Mac, A.Address, TestHost.InternetAddress, 443));
        Assert.NotNull(guest.Receive(frame => IsTcp(frame, flags: 0x12), null));

        await host.ChangeAsync(With(A, Policy("deny", "0.0.0.0/0:443/tcp", "")));
        // The far side repeats its answer for as long as it is not acknowledged.
        Assert.NotNull(guest.Receive(frame => IsTcp(frame, flags: 0x12), null));

        await host.ChangeAsync(With(A, Policy("deny", "0.0.0.0/0:80/tcp", "")));
        while (guest.TryReceive(TimeSpan.FromMilliseconds(10)) is not null) { }
        Assert.False(HearsTcp(guest, TimeSpan.FromSeconds(4)));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Guests_need_their_own_policy_and_the_pools_leave_to_reach_each_other(bool aAllows, bool bAllows)
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(
            TestHost.Desired(
                vmToVm: true,
                With(A, aAllows ? null : Policy("allow", "", "192.168.100.3")),
                With(B, bAllows ? null : Policy("deny", "0.0.0.0/0:443/tcp", ""))
            )
        );
        using var a = await host.PlugInAsync(A);
        using var b = await host.PlugInAsync(B);

        SendUdp(a, B.Address, "from a");
        Assert.Equal(aAllows, b.Receive(frame => Guest.IsUdp(frame, "from a"), b.Probe) is not null);
        if (aAllows)
        {
            // An answer is no traffic of the answering guest's own.
            b.Send(Frames.Udp(b.Router, b.Mac, B.Address, A.Address, 40_000, "answer", sourcePort: Port));
            Assert.NotNull(a.Receive(frame => Guest.IsUdp(frame, "answer"), a.Probe));
        }
        SendUdp(b, A.Address, "from b", 7_000);
        Assert.Equal(bAllows, a.Receive(frame => Guest.IsUdp(frame, "from b"), a.Probe) is not null);
    }

    private static void SendUdp(Guest guest, Ipv4Address to, string text, int port = Port) =>
        guest.Send(Frames.Udp(guest.Router, guest.Mac, guest.Address, to, (ushort)port, text));

    private static bool HearsTcp(Guest guest, TimeSpan atMost)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < atMost)
            if (guest.TryReceive(TimeSpan.FromMilliseconds(100)) is { } frame && IsTcp(frame, flags: null))
                return true;
        return false;
    }

    private static bool IsTcp(byte[] frame, byte? flags) =>
        frame is { Length: >= 54 }
        && frame[12] == 8
        && frame[13] == 0
        && frame[23] == 6
        && (flags is null || frame[47] == flags);

    private static string Read(Socket socket, out IPEndPoint sender)
    {
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        var buffer = new byte[2048];
        var length = socket.ReceiveFrom(buffer, ref from);
        sender = (IPEndPoint)from;
        return Encoding.ASCII.GetString(buffer, 0, length);
    }
}
