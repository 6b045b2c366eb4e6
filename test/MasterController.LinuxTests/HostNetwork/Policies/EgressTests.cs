using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;

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

    [Fact]
    public async Task Guests_of_equal_policies_share_one_chain_that_goes_with_the_last_of_them()
    {
        await using var host = await StartAsync();
        var before = host.Snapshot();
        var policy = Policy("deny", "0.0.0.0/0:443/tcp, 10.0.0.0/8", "10.1.0.0/16");

        await host.AttachAsync(With(A, policy));
        await host.AttachAsync(With(B, Policy("deny", "10.0.0.0/8, 0.0.0.0/0:443/tcp", "10.1.0.0/16")));
        Assert.Single(Chains(host));
        await host.DetachAsync(A);
        Assert.Single(Chains(host));
        await host.DetachAsync(B);

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task Applying_policies_twice_changes_nothing_for_this_process_and_the_next()
    {
        await using var host = await TestHost.StartAsync();
        var desired = TestHost.Desired(
            With(A, Policy("deny", "10.0.0.0/8", "")),
            With(B, Policy("allow", "", "8.8.8.8"))
        );
        await host.ApplyAsync(desired);
        var before = host.Snapshot();

        Assert.Empty(await host.ApplyAsync(desired));
        await using var second = await host.OpenAsync();
        Assert.Empty(await second.ApplyAsync(desired, TestContext.Current.CancellationToken));

        Assert.Equal(before, host.Snapshot());
        await second.DetachAsync(A, TestContext.Current.CancellationToken);
        await second.DetachAsync(B, TestContext.Current.CancellationToken);
        Assert.Empty(Chains(host));
    }

    [Theory]
    [InlineData("nft flush ruleset")]
    [InlineData("nft delete element inet master_controller egress { 192.168.100.2 }")]
    [InlineData("nft add element inet master_controller egress { 192.168.100.9 : 1:1 }")]
    [InlineData("nft flush map inet master_controller egress")]
    [InlineData("nft flush map inet master_controller egress_policies")]
    [InlineData("nft flush chain inet master_controller CHAIN")]
    [InlineData("nft insert rule inet master_controller CHAIN accept")]
    [InlineData("nft add rule inet master_controller CHAIN accept")]
    [InlineData("nft add element inet master_controller CHAIN_0 { 203.0.113.0/24 }")]
    [InlineData("nft flush set inet master_controller CHAIN_0")]
    [InlineData("nft add chain inet master_controller policy_00000001")]
    [InlineData("nft flush chain inet master_controller guest_egress")]
    public async Task What_others_broke_of_policies_is_mended(string damage)
    {
        await using var host = await TestHost.StartAsync();
        var desired = TestHost.Desired(With(A, Policy("deny", "10.0.0.0/8", "")), B);
        await host.ApplyAsync(desired);
        var before = host.Snapshot();

        host.Host(damage.Replace("CHAIN", Assert.Single(Chains(host)), StringComparison.Ordinal));
        Assert.NotEqual(before, host.Snapshot());
        Assert.NotEmpty(await host.ApplyAsync(desired));

        Assert.Equal(before, host.Snapshot());
        Assert.Empty(await host.ApplyAsync(desired));
    }

    [Fact]
    public async Task A_table_made_anew_by_a_change_of_networks_has_the_policies_in_it()
    {
        await using var host = await StartAsync(With(A, Policy("deny", "", "")), B);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);

        host.Host("nft flush ruleset");
        await host.Network.SetNetworksAsync(
            [new PoolNetwork(TestHost.Pool, [TestHost.Gateway], AllowVmToVm: false)],
            [],
            TestContext.Current.CancellationToken
        );

        Assert.False(guest.Ping(TestHost.InternetAddress));
        Assert.True(other.Ping(TestHost.InternetAddress));
        await host.DetachAsync(A);
        Assert.Empty(Chains(host));
    }

    [Fact]
    public async Task A_policy_for_an_address_that_is_not_attached_changes_nothing()
    {
        await using var host = await StartAsync(A);
        var before = host.Snapshot();

        await host.ChangeAsync(With(B, Policy("deny", "", "")));

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task What_nft_lists_with_policies_nft_can_read_again()
    {
        await using var host = await StartAsync(
            With(
                A,
                Policy("deny", "0.0.0.0/0:8000-8100/tcp, 169.254.169.254:80/tcp, 192.168.100.1:53/udp", "10.0.0.0/8")
            )
        );
        var listed = Path.Combine(Path.GetTempPath(), $"listed-{Guid.NewGuid():N}.nft");
        try
        {
            var before = host.Host("nft -s list ruleset");
            await File.WriteAllTextAsync(listed, $"flush ruleset\n{before}", TestContext.Current.CancellationToken);
            host.Host("nft", "-f", listed);

            Assert.Equal(before, host.Host("nft -s list ruleset"));
        }
        finally
        {
            File.Delete(listed);
        }
    }

    private static async Task<TestHost> StartAsync(params Attachment[] attachments)
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(attachments));
        return host;
    }

    private static Attachment With(Attachment attachment, EgressPolicy? policy) => attachment with { Egress = policy };

    private static EgressPolicy Policy(string rest, string allow, string deny) =>
        new(rest == "allow", Rules(allow), Rules(deny));

    private static EgressRule[] Rules(string text) =>
        [.. text.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(EgressRule.Parse)];

    private static string[] Chains(TestHost host) =>
        [
            .. host.Host("nft -t list table inet master_controller")
                .Split('\n')
                .Select(line => line.Trim().Split(' '))
                .Where(words => words is ["chain", ['p', 'o', 'l', 'i', 'c', 'y', '_', ..], "{"])
                .Select(words => words[1]),
        ];

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
