using System.Net;
using System.Net.Sockets;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Policies.PoliciesInWords;

namespace MasterController.LinuxTests.HostNetwork.Policies;

/// <summary>How much of what guests send and are sent arrives, seen from raw frames on their TAPs.</summary>
public sealed class RateLimitTests
{
    private const int Port = 5353;

    // Fits a socket's buffer.
    private const int Sent = 200;
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Fact]
    public async Task Packets_beyond_the_limit_are_dropped_and_another_guest_is_not_limited()
    {
        await using var host = await StartAsync(
            With(A, new RateLimit(OutPacketsPerSecond: 10, OutBurstPackets: 40)),
            B
        );
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var server = host.ListenOnInternet(Port);
        using var otherServer = host.ListenOnInternet(Port + 1);

        Flood(guest, TestHost.InternetAddress, Port, "x");
        Flood(other, TestHost.InternetAddress, Port + 1, "x");

        // A full bucket, and what came in while this ran.
        Assert.InRange(Count(server), 45, Sent / 2);
        Assert.Equal(Sent, Count(otherServer));
    }

    [Fact]
    public async Task Bytes_beyond_the_limit_are_dropped()
    {
        // A bucket of 1,000 and 65,536 bytes, and frames of 1,028 without their Ethernet header.
        await using var host = await StartAsync(With(A, new RateLimit(OutBytesPerSecond: 1_000)));
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet(Port);

        Flood(guest, TestHost.InternetAddress, Port, new string('x', 1_000));

        Assert.InRange(Count(server), 60, 90);
    }

    [Fact]
    public async Task What_a_guest_is_sent_is_limited_from_the_far_side_and_from_the_host()
    {
        await using var host = await StartAsync(With(A, new RateLimit(InPacketsPerSecond: 10, InBurstPackets: 40)));
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet(Port);
        using var client = host.ListenOnHost(Port);
        guest.Send(Frames.Udp(guest.Router, guest.Mac, guest.Address, TestHost.InternetAddress, Port, "hello"));
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        server.ReceiveFrom(new byte[100], ref from);

        for (var i = 0; i < Sent / 2; i++)
        {
            server.SendTo("far"u8, from);
            SendFromHost(client, guest);
        }

        Assert.InRange(CountUdp(guest), 45, Sent / 2);
    }

    [Fact]
    public async Task A_limit_is_changed_and_taken_away_while_the_guest_runs()
    {
        await using var host = await StartAsync(With(A, new RateLimit(OutPacketsPerSecond: 1)));
        using var guest = await host.PlugInAsync(A);
        using var server = host.ListenOnInternet(Port);
        Flood(guest, TestHost.InternetAddress, Port, "x");
        Assert.InRange(Count(server), 1, 20);

        await host.ChangeAsync(With(A, new RateLimit(OutPacketsPerSecond: 1, OutBurstPackets: 99)));
        Flood(guest, TestHost.InternetAddress, Port, "x");
        Assert.InRange(Count(server), 100, 120);

        await host.ChangeAsync(A);
        Flood(guest, TestHost.InternetAddress, Port, "x");
        Assert.Equal(Sent, Count(server));
    }

    [Fact]
    public async Task A_spoofed_source_does_not_use_up_the_limit_of_its_owner()
    {
        await using var host = await StartAsync(With(A, new RateLimit(OutPacketsPerSecond: 1, OutBurstPackets: 9)), B);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        using var server = host.ListenOnInternet(Port);

        for (var i = 0; i < Sent; i++)
            other.Send(Frames.Udp(other.Router, other.Mac, A.Address, TestHost.InternetAddress, Port, "spoofed"));
        for (var i = 0; i < 5; i++)
            guest.Send(Frames.Udp(guest.Router, guest.Mac, A.Address, TestHost.InternetAddress, Port, "honest"));

        Assert.Equal(5, Count(server));
    }

    [Fact]
    public async Task Limits_come_and_go_with_attachments_and_are_put_back()
    {
        await using var host = await StartAsync();
        var empty = host.Snapshot();
        var limit = new RateLimit(10_000_000, 100_000, 1_000, 0, 20_000_000, null, 2_000, 500);

        await host.AttachAsync(With(A, limit));
        Assert.Contains(
            "192.168.100.2 limit rate over 10000000 bytes/second burst 100000 bytes",
            host.Host("nft list set inet master_controller limited_out_bytes")
        );
        Assert.Contains(
            "192.168.100.2 limit rate over 2000/second burst 2500 packets",
            host.Host("nft list set inet master_controller limited_in_packets")
        );
        var before = host.Snapshot();
        await host.AttachAsync(With(A, limit));
        Assert.Empty(await host.ApplyAsync(TestHost.Desired(With(A, limit))));

        foreach (
            var damage in (string[])
                [
                    "nft flush ruleset",
                    "nft flush set inet master_controller limited_in_bytes",
                    "nft delete element inet master_controller limited_out_packets { 192.168.100.2 }",
                    "nft add element inet master_controller limited_in_packets { 192.168.100.9 limit rate over 5/second }",
                ]
        )
        {
            host.Host(damage);
            Assert.NotEqual(before, host.Snapshot());
            Assert.NotEmpty(await host.ApplyAsync(TestHost.Desired(With(A, limit))));
            Assert.Equal(before, host.Snapshot());
        }

        await host.DetachAsync(A);
        Assert.Equal(empty, host.Snapshot());
    }

    private static Attachment With(Attachment attachment, RateLimit limit) => attachment with { RateLimit = limit };

    private static void Flood(Guest guest, Ipv4Address to, int port, string text)
    {
        var frame = Frames.Udp(guest.Router, guest.Mac, guest.Address, to, (ushort)port, text);
        for (var i = 0; i < Sent; i++)
            guest.Send(frame);
    }

    // The host itself is told of packets that are dropped.
    private static void SendFromHost(Socket client, Guest guest)
    {
        try
        {
            client.SendTo("near"u8, new IPEndPoint(guest.Address.ToIPAddress(), 40_000));
        }
        catch (SocketException dropped) when (dropped.SocketErrorCode == SocketError.AccessDenied) { }
    }

    private static int Count(Socket socket)
    {
        socket.ReceiveTimeout = 300;
        var buffer = new byte[2048];
        for (var count = 0; ; count++)
            try
            {
                socket.Receive(buffer);
            }
            catch (SocketException)
            {
                return count;
            }
    }

    private static int CountUdp(Guest guest)
    {
        var count = 0;
        while (guest.TryReceive(TimeSpan.FromMilliseconds(300)) is { } frame)
            if (Guest.IsUdp(frame, "far") || Guest.IsUdp(frame, "near"))
                count++;
        return count;
    }
}
