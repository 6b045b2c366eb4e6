using System.Net;
using System.Net.Sockets;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Netfilter;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Connections;

/// <summary>What the kernel remembers of a VM's connections goes with the VM.</summary>
public sealed class ConnectionTableTests
{
    private const int Port = 5353;
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Fact]
    public async Task The_next_owner_of_an_address_gets_no_answer_that_was_meant_for_the_last()
    {
        await using var host = await StartAsync();
        using var server = host.ListenOnInternet(Port);
        EndPoint seen;
        using (var former = await host.PlugInAsync(A))
            seen = Say(former, server);

        await host.DetachAsync(A);
        await host.AttachAsync(A);
        using var next = await host.PlugInAsync(A);
        server.SendTo("too late"u8, seen);

        Assert.Null(next.Receive(frame => Guest.IsUdp(frame, "too late"), next.Probe));
        Assert.DoesNotContain("192.168.100.2 ", Table(host));
    }

    [Fact]
    public async Task Connections_of_others_stay_and_go_on()
    {
        await using var host = await StartAsync();
        using var server = host.ListenOnInternet(Port);
        using (var former = await host.PlugInAsync(A))
            Say(former, server);
        using var other = await host.PlugInAsync(B);
        var seen = Say(other, server);

        await host.DetachAsync(A);
        server.SendTo("welcome"u8, seen);

        Assert.NotNull(other.Receive(frame => Guest.IsUdp(frame, "welcome"), null));
        Assert.DoesNotContain("src=192.168.100.2 ", Table(host));
        Assert.Contains("src=192.168.100.3 ", Table(host));
    }

    [Fact]
    public async Task What_the_host_began_towards_a_guest_is_forgotten_as_well()
    {
        await using var host = await StartAsync();
        using (var sender = host.ListenOnHost(Port))
            sender.SendTo("for the guest"u8, new IPEndPoint(A.Address.ToIPAddress(), 40_000));
        Assert.Contains("dst=192.168.100.2 ", Table(host));

        await host.DetachAsync(A);

        Assert.DoesNotContain("192.168.100.2 ", Table(host));
    }

    [Fact]
    public async Task Many_that_end_together_are_all_forgotten()
    {
        await using var host = await StartAsync();
        var many = Enumerable.Range(10, 40).Select(i => TestHost.At($"192.168.100.{i}")).ToArray();
        await Task.WhenAll(many.Select(host.AttachAsync));
        using (var sender = host.ListenOnHost(Port))
            foreach (var attachment in many)
                sender.SendTo("for the guest"u8, new IPEndPoint(attachment.Address.ToIPAddress(), 40_000));
        Assert.Equal(many.Length, Table(host).Split('\n').Count(line => line.Contains("dport=40000")));

        await Task.WhenAll(many[1..].Select(host.DetachAsync));

        var left = Assert.Single(Table(host).Split('\n'), line => line.Contains("dport=40000"));
        Assert.Contains($"dst={many[0].Address} ", left);
    }

    [Theory]
    [InlineData(0)] // the kernel is asked for each address
    [InlineData(20_000)] // and for all there is
    public async Task Both_ways_to_find_connections_find_those_of_one_address(int few)
    {
        await using var host = await StartAsync();
        using var server = host.ListenOnInternet(Port);
        foreach (var attachment in (Attachment[])[A, B])
            using (var guest = await host.PlugInAsync(attachment))
                Say(guest, server);
        using (var sender = host.ListenOnHost(Port))
            sender.SendTo("for the guest"u8, new IPEndPoint(A.Address.ToIPAddress(), 40_000));
        using var socket = host.Namespace.Run(() => ConntrackSocket.Open(few));

        Assert.Equal(2, socket.Delete([new ConnectionsOf(A.Address)]));

        Assert.DoesNotContain("192.168.100.2 ", Table(host));
        Assert.Contains("src=192.168.100.3 ", Table(host));
        Assert.Equal(0, socket.Delete([new ConnectionsOf(A.Address)]));
    }

    [Fact]
    public async Task An_address_that_was_only_leased_can_be_forgotten()
    {
        await using var host = await StartAsync();
        using (var guest = await host.PlugInAsync(A))
        using (var server = host.ListenOnInternet(Port))
            Say(guest, server);

        await host.Network.ForgetConnectionsAsync(A.Address, TestContext.Current.CancellationToken);

        Assert.DoesNotContain("src=192.168.100.2 ", Table(host));
    }

    private static async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(A, B));
        return host;
    }

    private static EndPoint Say(Guest guest, Socket server)
    {
        guest.Send(Frames.Udp(guest.Router, guest.Mac, guest.Address, TestHost.InternetAddress, Port, "hello"));
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        server.ReceiveFrom(new byte[64], ref from);
        return from;
    }

    private static string Table(TestHost host) => host.Host("cat /proc/thread-self/net/nf_conntrack");
}
