using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Dedicated.ReachedHost;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>IPv6 addresses of guests, which are not translated: closed until opened.</summary>
public sealed class OpenedIpv6Tests
{
    private const string A6 = "2001:db8:1250::100:2";
    private const string B6 = "2001:db8:1250::100:3";
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Fact]
    public async Task What_is_opened_is_reached_and_nothing_else_and_nothing_is_translated()
    {
        await using var host = await OpenAsync(
            With(A, Access(A6, open: [Tcp(80, 90), Tcp(22, from: From("2001:db8:f::9/128", "192.0.2.0/24"))])),
            With(B, Access(B6))
        );

        Assert.Equal(Far6, host.FarSees(A6, 80, Far6));
        Assert.Equal(Far6, host.FarSees(A6, 81, Far6));
        Assert.Null(host.FarSees(A6, 22, Far6));
        Assert.Equal(OtherFar6, host.FarSees(A6, 22, OtherFar6));
        Assert.Null(host.FarSees(B6, 80));
        Assert.False(host.FarPings(A6));
        // Out, with its own address.
        Assert.Equal(A6, Caller.Seeing(host.Guest(A).Space, Far6, 80));
        Assert.Equal(B6, Caller.Seeing(host.Guest(B).Space, Far6, 80));
        host.Guest(B).Run($"ping -c 1 -W 2 {Far6}");
        // Guest to guest, and the host.
        Assert.Equal(B6, Caller.Seeing(host.Guest(B).Space, A6, 80));
        Assert.Null(Caller.Seeing(host.Guest(B).Space, A6, 22));
        Assert.Null(Caller.Seeing(host.Guest(A).Space, B6, 80));
        Assert.NotNull(Caller.Seeing(host.Host.Namespace, B6, 80));
        host.Guest(A).Run("ping -c 1 -W 2 fe80::1%eth0");
    }

    [Fact]
    public async Task All_and_icmp_are_opened()
    {
        await using var host = await OpenAsync(
            With(A, Access(A6, open: [new(EgressProtocol.Any, null, From("2001:db8:f::9/128"))])),
            With(B, Access(B6, open: [new(EgressProtocol.Icmp, null, SourceNetworks.Everybody)]))
        );

        Assert.Equal(OtherFar6, host.FarSees(A6, 22, OtherFar6));
        Assert.Null(host.FarSees(A6, 22, Far6));
        Assert.True(host.FarPings(B6));
        Assert.Null(host.FarSees(B6, 22));
    }

    [Fact]
    public async Task Closing_and_taking_the_address_away_cut_at_once()
    {
        await using var host = await OpenAsync(With(A, Access(A6, open: [Tcp(80), Tcp(22)])), B);
        using var ended = Caller.Call(host.Host.FarNamespace, A6, 80)!;
        using var kept = Caller.Call(host.Host.FarNamespace, A6, 22)!;
        using var own = Caller.Call(host.Guest(A).Space, Far6, 80)!;

        await host.Host.ChangeAsync(With(A, Access(A6, open: [Tcp(22)])));
        Assert.False(ended.GoesOn());
        Assert.True(kept.GoesOn());
        Assert.True(own.GoesOn());

        await host.Host.ChangeAsync(A);
        Assert.DoesNotContain("2001:0db8:1250", host.Host.Host("cat /proc/thread-self/net/nf_conntrack"));
        Assert.False(kept.GoesOn());
    }

    [Fact]
    public async Task Detaching_forgets_the_connections_of_both_addresses()
    {
        var a = With(A, Access(A6, open: [Tcp(80)]));
        await using var host = await OpenAsync(a, With(B, Access(B6, open: [Tcp(80)])));
        using var first = Caller.Call(host.Host.FarNamespace, A6, 80);
        using var second = Caller.Call(host.Guest(A).Space, Far, 80);
        using var third = Caller.Call(host.Host.FarNamespace, B6, 80)!;

        await host.Host.DetachAsync(a);

        var left = host.Host.Host("cat /proc/thread-self/net/nf_conntrack");
        Assert.DoesNotContain("0100:0002 ", left);
        Assert.DoesNotContain("192.168.100.2 ", left);
        Assert.True(third.GoesOn());
    }

    [Fact]
    public async Task Errors_of_icmp_get_through()
    {
        await using var host = await OpenAsync(With(A, Access(A6, open: [Tcp(5000)])), B);

        // The guest's kernel refuses: at once, and not by silence.
        var refused = Assert.Throws<System.Net.Sockets.SocketException>(() => Connect(host, A6, 5000));

        Assert.Equal(System.Net.Sockets.SocketError.ConnectionRefused, refused.SocketErrorCode);
        // A path with a smaller MTU is found out: what the far side's router says gets to the guest.
        host.Host.Host("ip link set up0 mtu 1300");
        host.Host.Internet("ip link set far0 mtu 1300");
        Assert.False(ReachedHost.Pings(() => host.Guest(A).Run($"ping -M do -c 1 -W 1 -s 1400 {Far6}")));
        Assert.Contains("mtu 1300", host.Guest(A).Run($"ip -6 route get {Far6}"));
    }

    private static void Connect(ReachedHost host, string address, int port)
    {
        using var socket = host.Host.FarNamespace.Run(() =>
            new System.Net.Sockets.Socket(
                System.Net.Sockets.AddressFamily.InterNetworkV6,
                System.Net.Sockets.SocketType.Stream,
                System.Net.Sockets.ProtocolType.Tcp
            )
        );
        socket.Connect(System.Net.IPAddress.Parse(address), port);
    }
}
