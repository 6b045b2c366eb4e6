using System.Net;
using System.Net.Sockets;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Policies.Ipv6Path;
using static MasterController.LinuxTests.HostNetwork.Policies.PoliciesInWords;

namespace MasterController.LinuxTests.HostNetwork.Policies;

/// <summary>What guests with policies reach by their own IPv6 address, seen from raw frames on their TAPs.</summary>
public sealed class EgressIpv6Tests
{
    private const int Port = 5353;
    private const string Metadata = "fd00:ec2::254";
    private static readonly Attachment A = Ipv6Path.With(TestHost.At("192.168.100.2"), "2001:db8:1250::100:2");
    private static readonly Attachment B = Ipv6Path.With(TestHost.At("192.168.100.3"), "2001:db8:1250::100:3");

    [Theory]
    [InlineData("allow", "", "", true)]
    [InlineData("deny", "", "", false)]
    [InlineData("deny", "0.0.0.0/0", "", false)]
    [InlineData("deny", "::/0", "", true)]
    [InlineData("deny", "[2001:db8:f::1]:5353/udp", "", true)]
    [InlineData("deny", "[2001:db8:f::/48]:5000-6000/udp", "", true)]
    [InlineData("deny", "[::/0]:5353/udp", "", true)]
    [InlineData("deny", "[::/0]:5353/tcp", "", false)]
    [InlineData("deny", "[2001:db8:f::1]:5354/udp", "", false)]
    [InlineData("deny", "[2001:db8:f::1]:icmp", "", false)]
    [InlineData("deny", "2001:db8:e::/48", "", false)]
    [InlineData("allow", "", "2001:db8:f::/48", false)]
    [InlineData("allow", "", "[::/0]:udp", false)]
    [InlineData("allow", "", "[::/0]:tcp", true)]
    [InlineData("allow", "", "0.0.0.0/0", true)]
    [InlineData("allow", "[2001:db8:f::1]:5353/udp", "::/0", false)]
    public async Task A_policy_decides_by_address_protocol_and_port(
        string rest,
        string allow,
        string deny,
        bool reaches
    )
    {
        await using var host = await StartAsync(PoliciesInWords.With(A, Policy(rest, allow, deny)));
        host.LayIpv6();
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet6(Port);

        SendUdp6(guest, A, Internet, Port);

        Assert.Equal(reaches, Hears(server, reaches));
    }

    [Theory]
    [InlineData("allow", "", "", false)]
    [InlineData("deny", "::/0", "", false)]
    [InlineData("allow", "[fd00:ec2::/32]:5353/udp", "", false)]
    [InlineData("allow", "[fd00:ec2::254]:5353/udp", "", true)]
    [InlineData("deny", "fd00:ec2::254", "", true)]
    [InlineData("allow", "fd00:ec2::254", "fd00::/8", false)]
    public async Task Only_a_rule_that_names_it_opens_the_metadata_service(
        string rest,
        string allow,
        string deny,
        bool reaches
    )
    {
        await using var host = await StartAsync(PoliciesInWords.With(A, Policy(rest, allow, deny)), B);
        host.LayIpv6(Metadata);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var server = host.ListenOnInternet6(Port);

        SendUdp6(other, B, Metadata, Port);
        Assert.False(Hears(server, expected: false));
        SendUdp6(guest, A, Metadata, Port);
        Assert.Equal(reaches, Hears(server, reaches));
        // The one without a policy reaches all else.
        SendUdp6(other, B, Internet, Port);
        Assert.True(Hears(server, expected: true));
    }

    [Fact]
    public async Task A_change_decides_at_once_also_about_flows_that_there_are()
    {
        await using var host = await StartAsync(A);
        host.LayIpv6();
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet6(Port);
        SendUdp6(guest, A, Internet, Port);
        EndPoint from = new IPEndPoint(IPAddress.IPv6Any, 0);
        server.ReceiveFrom(new byte[100], ref from);
        Assert.Equal("[2001:db8:1250::100:2]:40000", from.ToString());

        await host.ChangeAsync(PoliciesInWords.With(A, Policy("allow", "", "[2001:db8:f::1]:udp")));
        SendUdp6(guest, A, Internet, Port);
        Assert.False(Hears(server, expected: false));
        server.SendTo("too late"u8, from);

        await host.ChangeAsync(PoliciesInWords.With(A, Policy("deny", "[2001:db8:f::1]:5353/udp", "")));
        SendUdp6(guest, A, Internet, Port);
        Assert.True(Hears(server, expected: true));
        server.SendTo("in time"u8, from);
        // What was sent before it would have come before it.
        var heard = guest.Receive(frame => IsUdp6(frame, "too late") || IsUdp6(frame, "in time"), probe: null);
        Assert.True(IsUdp6(heard!, "in time"));
    }

    [Fact]
    public async Task While_a_guest_is_given_another_address_nothing_escapes_its_policy()
    {
        var first = PoliciesInWords.With(A, Policy("deny", "", ""));
        var second = Ipv6Path.With(first, "2001:db8:1250::7");
        await using var host = await StartAsync(first, B);
        host.LayIpv6();
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var server = host.ListenOnInternet6(Port);
        // The far side is known from here on: what passed would be heard.
        SendUdp6(other, B, Internet, Port);
        Assert.True(Hears(server, expected: true));

        using var ended = new CancellationTokenSource();
        var sending = Task.Run(
            () =>
            {
                while (!ended.IsCancellationRequested)
                {
                    SendUdp6(guest, first, Internet, Port);
                    SendUdp6(guest, second, Internet, Port);
                }
            },
            TestContext.Current.CancellationToken
        );
        for (var i = 0; i < 20; i++)
            await host.ChangeAsync(i % 2 == 0 ? second : first);
        await ended.CancelAsync();
        await sending;

        Assert.False(Hears(server, expected: false));
    }

    [Fact]
    public async Task Packets_of_both_families_are_counted_and_each_has_a_bucket_of_its_own()
    {
        const int Sent = 200;
        var limited = A with { RateLimit = new RateLimit(OutPacketsPerSecond: 10, OutBurstPackets: 40) };
        await using var host = await StartAsync(limited, B);
        host.LayIpv6();
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var server = host.ListenOnInternet6(Port);
        using var otherServer = host.ListenOnInternet6(Port + 1);
        using var server4 = host.ListenOnInternet(Port);
        // While the host looks for the far side it keeps so and so many packets, and drops the oldest.
        SendUdp6(other, B, Internet, Port + 1);
        Assert.True(Hears(otherServer, expected: true));
        for (var i = 0; i < Sent; i++)
        {
            SendUdp6(guest, A, Internet, Port);
            SendUdp6(other, B, Internet, Port + 1);
            guest.Send(Frames.Udp(guest.Router, guest.Mac, A.Address, TestHost.InternetAddress, Port, "x"));
        }

        Assert.InRange(Count(server), 45, Sent / 2);
        Assert.InRange(Count(server4), 45, Sent / 2);
        Assert.Equal(Sent, Count(otherServer));
    }

    private static int Count(Socket socket)
    {
        var count = 0;
        while (Hears(socket, expected: false))
            count++;
        return count;
    }

    private static bool IsUdp6(byte[] frame, string text) =>
        frame.Length >= 62 && frame[12] == 0x86 && frame[20] == 17 && frame.AsSpan(62).StartsWith(Bytes(text));

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}
