using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Dedicated.ReachedHost;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>Public IPv4 addresses that are translated one to one.</summary>
public sealed class PublicAddressTests
{
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    private static readonly Opening All = new(EgressProtocol.Any, null, SourceNetworks.Everybody);
    private static readonly Opening Ping = new(EgressProtocol.Icmp, null, SourceNetworks.Everybody);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)] // a pool in bridge mode
    [InlineData(true, true)] // and a kernel that takes frames between ports for packets
    public async Task An_address_is_the_guests_in_and_out(bool onBridge, bool filtersBridges)
    {
        var mode = onBridge ? NetworkMode.Bridge : NetworkMode.Routed;
        var a = With(A with { Mode = mode }, Access(address: Public, open: [Tcp(80)]));
        var b = With(B with { Mode = mode }, Access(address: OtherPublic));
        await using var host = await OpenAsync(a, b);
        host.FilterBridges(filtersBridges);

        // Out.
        Assert.Equal(Public, Caller.Seeing(host.Guest(a).Space, Far, 80));
        Assert.Equal(Public, Caller.SeeingUdp(host.Guest(a).Space, Far, 80));
        Assert.Equal(OtherPublic, Caller.Seeing(host.Guest(b).Space, Far, 80));
        host.Guest(a).Run($"ping -c 1 -W 2 {Far}");
        // In, where it is opened.
        Assert.Equal(Far, host.FarSees(Public, 80));
        Assert.Null(host.FarSees(Public, 22));
        Assert.Null(host.FarSees(OtherPublic, 80));
        Assert.Null(Caller.SeeingUdp(host.Host.FarNamespace, Public, 80));
        Assert.False(host.FarPings(Public));
        // From the host, another VM and the VM itself.
        var toNeighbour = onBridge ? "192.168.100.1" : "192.168.100.3";
        Assert.Equal("192.168.100.1", Caller.Seeing(host.Host.Namespace, Public, 80));
        Assert.Equal(filtersBridges ? null : toNeighbour, Caller.Seeing(host.Guest(b).Space, Public, 80));
        Assert.Null(Caller.Seeing(host.Guest(b).Space, Public, 22));
        Assert.Equal(filtersBridges ? null : "192.168.100.1", Caller.Seeing(host.Guest(a).Space, Public, 80));
    }

    [Fact]
    public async Task Ports_ranges_and_those_who_may_come_in_are_told_apart()
    {
        await using var host = await OpenAsync(
            With(A, Access(address: Public, open: [Tcp(80, 90), Tcp(22, from: From("203.0.113.9/32"))])),
            B
        );

        Assert.Equal(Far, host.FarSees(Public, 80));
        Assert.Equal(Far, host.FarSees(Public, 81));
        Assert.Null(host.FarSees(Public, 22, Far));
        Assert.Equal(OtherFar, host.FarSees(Public, 22, OtherFar));
    }

    [Fact]
    public async Task All_opens_every_protocol_and_icmp_only_pings()
    {
        var some = From("203.0.113.9/32");
        await using var host = await OpenAsync(
            With(A, Access(address: Public, open: [All with { From = some }, Tcp(80)])),
            With(B, Access(address: OtherPublic, open: [Ping]))
        );

        Assert.Equal(OtherFar, host.FarSees(Public, 22, OtherFar));
        Assert.Equal(OtherFar, Caller.SeeingUdp(host.Host.FarNamespace, Public, 81, OtherFar));
        Assert.Null(host.FarSees(Public, 22, Far));
        Assert.Equal(Far, host.FarSees(Public, 80, Far));
        Assert.False(host.FarPings(Public));
        Assert.True(host.FarPings(OtherPublic));
        Assert.Null(host.FarSees(OtherPublic, 80));
    }

    [Fact]
    public async Task Closing_cuts_at_once_what_came_in_and_leaves_what_the_guest_began()
    {
        await using var host = await OpenAsync(With(A, Access(address: Public, open: [Tcp(80), Tcp(22)])), B);
        using var ended = Caller.Call(host.Host.FarNamespace, Public, 80)!;
        using var kept = Caller.Call(host.Host.FarNamespace, Public, 22)!;
        using var own = Caller.Call(host.Guest(A).Space, Far, 80)!;

        await host.Host.ChangeAsync(With(A, Access(address: Public, open: [Tcp(22)])));

        Assert.DoesNotContain("dport=80 src=192.168.100.2 ", Tracked(host));
        Assert.Contains("dport=22 src=192.168.100.2 ", Tracked(host));
        Assert.False(ended.GoesOn());
        Assert.True(kept.GoesOn());
        Assert.True(own.GoesOn());
        Assert.Equal(Public, own.Seen);
        Assert.Null(host.FarSees(Public, 80));
    }

    [Fact]
    public async Task An_address_that_is_taken_away_ends_all_that_it_was_used_for()
    {
        await using var host = await OpenAsync(With(A, Access(null, Public, [Tcp(80)], Forward(8080, 80))), B);
        using var inside = Caller.Call(host.Host.FarNamespace, Public, 80)!;
        using var own = Caller.Call(host.Guest(A).Space, Far, 80)!;
        using var forwarded = Caller.Call(host.Host.FarNamespace, Address, 8080)!;

        await host.Host.ChangeAsync(With(A, Access(forwards: Forward(8080, 80))));

        Assert.DoesNotContain(Public, Tracked(host));
        Assert.False(inside.GoesOn());
        Assert.False(own.GoesOn());
        Assert.True(forwarded.GoesOn());
        Assert.Equal(Address, Caller.Seeing(host.Guest(A).Space, Far, 80));

        await host.Host.ChangeAsync(With(B, Access(address: Public, open: [Tcp(80)])));
        Assert.Equal(Far, host.FarSees(Public, 80));
        Assert.Equal(Public, Caller.Seeing(host.Guest(B).Space, Far, 80));
    }

    [Fact]
    public async Task An_address_that_is_given_leaves_connections_as_they_are()
    {
        await using var host = await OpenAsync(A, B);
        using var own = Caller.Call(host.Guest(A).Space, Far, 80)!;

        await host.Host.ChangeAsync(With(A, Access(address: Public)));

        Assert.True(own.GoesOn());
        Assert.Equal(Public, Caller.Seeing(host.Guest(A).Space, Far, 80));
    }

    [Fact]
    public async Task Errors_of_icmp_get_through_in_both_directions()
    {
        await using var host = await OpenAsync(
            With(
                A,
                Access(
                    address: Public,
                    open: [new(EgressProtocol.Udp, new PortRange(5000, 5010), SourceNetworks.Everybody)]
                )
            ),
            B
        );

        // A port that nobody listens on: the guest's kernel says so, and the caller's socket hears of it.
        var refused = Assert.Throws<System.Net.Sockets.SocketException>(() => Ask(host, Public, 5000));
        Assert.Equal(System.Net.Sockets.SocketError.ConnectionRefused, refused.SocketErrorCode);
        // One that is not opened: silence.
        refused = Assert.Throws<System.Net.Sockets.SocketException>(() => Ask(host, Public, 5011));
        Assert.NotEqual(System.Net.Sockets.SocketError.ConnectionRefused, refused.SocketErrorCode);
        // The other way: the far side refuses what the guest began.
        refused = Assert.Throws<System.Net.Sockets.SocketException>(() => AskFrom(host.Guest(A).Space, Far, 5000));
        Assert.Equal(System.Net.Sockets.SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public async Task Guests_reach_each_other_by_these_addresses_where_they_are_opened_and_by_their_own_where_pools_allow_it()
    {
        await using var host = await OpenAsync(
            vmToVm: true,
            With(A, Access(address: Public, open: [Tcp(80)])),
            With(B, Access(address: OtherPublic))
        );

        Assert.Equal("192.168.100.3", Caller.Seeing(host.Guest(B).Space, Public, 80));
        Assert.Null(Caller.Seeing(host.Guest(B).Space, Public, 22));
        Assert.Equal("192.168.100.3", Caller.Seeing(host.Guest(B).Space, "192.168.100.2", 22));
        Assert.Null(Caller.Seeing(host.Guest(A).Space, OtherPublic, 80));
    }

    private static string Tracked(ReachedHost host) => host.Host.Host("cat /proc/thread-self/net/nf_conntrack");

    private static void Ask(ReachedHost host, string address, int port) =>
        AskFrom(host.Host.FarNamespace, address, port);

    private static void AskFrom(Linux.Namespaces.NetworkNamespace from, string address, int port)
    {
        using var socket = from.Run(() =>
            new System.Net.Sockets.Socket(
                System.Net.Sockets.AddressFamily.InterNetwork,
                System.Net.Sockets.SocketType.Dgram,
                System.Net.Sockets.ProtocolType.Udp
            )
        );
        socket.ReceiveTimeout = 1000;
        socket.Connect(System.Net.IPAddress.Parse(address), port);
        socket.Send("hello"u8);
        socket.Receive(new byte[16]);
    }
}
