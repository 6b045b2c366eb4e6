using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netfilter;
using Xunit;

namespace MasterController.Tests.HostNetwork.Dedicated;

public sealed class LostWaysTests
{
    private const string Guest = "192.168.100.2";
    private const string Host = "203.0.113.2";
    private const string Public = "203.0.113.33";
    private const string Ipv6 = "2001:db8::2";
    private const string Far = "198.51.100.1";

    private static readonly Opening _web = new(EgressProtocol.Tcp, new PortRange(80, 90), SourceNetworks.Everybody);
    private static readonly Opening _ping = new(EgressProtocol.Icmp, null, SourceNetworks.Everybody);
    private static readonly PortForward _forward = new(
        "fwd_000000000001",
        null,
        EgressProtocol.Tcp,
        new PortRange(8080, 8081),
        80,
        SourceNetworks.Everybody
    );

    private static readonly ExternalAccess _all = new(
        Ipv6Address.Parse(Ipv6),
        Ipv4Address.Parse(Public),
        [_web, _ping],
        [_forward]
    );

    private static readonly TrackedConnection _toPublic = In(6, Far, Public, 80, Guest, 80);
    private static readonly TrackedConnection _ofGuest = new(
        6,
        new(IpAddress.Parse(Guest), 40_000, IpAddress.Parse(Far), 443),
        new(IpAddress.Parse(Far), 443, IpAddress.Parse(Public), 40_000)
    );
    private static readonly TrackedConnection _forwarded = In(6, Far, Host, 8081, Guest, 81);
    private static readonly TrackedConnection _toIpv6 = In(6, "2001:db8:f::1", Ipv6, 80, Ipv6, 80);
    private static readonly TrackedConnection _ofIpv6 = In(6, Ipv6, "2001:db8:f::1", 443, "2001:db8:f::1", 443);
    private static readonly TrackedConnection _pinging = In(1, Far, Public, 0, Guest, 0);

    private static readonly TrackedConnection[] _everything =
    [
        _toPublic,
        _ofGuest,
        _forwarded,
        _toIpv6,
        _ofIpv6,
        _pinging,
    ];

    [Fact]
    public void Nothing_is_asked_of_the_kernel_where_nothing_is_taken_away()
    {
        Assert.Empty(LostWays.Of(At(_all), At(_all)));
        Assert.Empty(LostWays.Of(At(ExternalAccess.None), At(_all)));
        Assert.Empty(LostWays.Of(At(_all), At(_all with { Open = [_ping, _web, _web with { Ports = new(1, 1) }] })));
    }

    [Fact]
    public void An_address_takes_along_what_it_was_used_for()
    {
        Assert.Equal([_toPublic, _ofGuest, _pinging], Lost(_all, _all with { PublicIpv4 = null }));
        Assert.Equal([_toPublic, _ofGuest, _pinging], Lost(_all, _all with { PublicIpv4 = new Ipv4Address(1) }));
        Assert.Equal([_toIpv6, _ofIpv6], Lost(_all, _all with { Ipv6 = null }));
        Assert.Equal(_everything, Lost(_all, ExternalAccess.None));
    }

    [Fact]
    public void An_opening_takes_along_what_came_in_by_it()
    {
        Assert.Equal([_toPublic, _toIpv6], Lost(_all, _all with { Open = [_ping] }));
        Assert.Equal([_pinging], Lost(_all, _all with { Open = [_web] }));
        // Another opening still lets it in.
        Assert.Empty(Lost(_all, _all with { Open = [_ping, _web with { Ports = new(80, 80) }] }));
        Assert.Empty(Lost(_all, _all with { Open = [new(EgressProtocol.Any, null, SourceNetworks.Everybody)] }));
    }

    [Fact]
    public void Whoever_may_come_in_no_more_is_cut_off_alone()
    {
        var some = new SourceNetworks([Ipv4Network.Parse("198.51.100.0/24")], []);
        var none = new SourceNetworks([Ipv4Network.Parse("192.0.2.0/24")], []);

        Assert.Equal([_toIpv6], Lost(_all, _all with { Open = [_ping, _web with { From = some }] }));
        Assert.Equal([_toPublic, _toIpv6], Lost(_all, _all with { Open = [_ping, _web with { From = none }] }));
        Assert.Empty(Lost(_all, _all with { Forwards = [_forward with { From = some }] }));
        Assert.Equal([_forwarded], Lost(_all, _all with { Forwards = [_forward with { From = none }] }));
        // The host was let in whatever was named.
        var closed = _all with
        {
            Forwards = [_forward with { From = none }],
        };
        Assert.Equal([_forwarded], Lost(closed, _all with { Forwards = [] }));
        Assert.Empty(Lost(closed, _all with { Forwards = [_forward with { From = some }], Open = [_web, _ping] }));
    }

    [Theory]
    [InlineData(8080, 80, null, false)] // the same way in other words
    [InlineData(8080, 81, null, true)] // leads to another port
    [InlineData(8081, 81, null, false)]
    [InlineData(8082, 82, null, true)]
    [InlineData(8080, 80, Host, false)]
    [InlineData(8080, 80, "203.0.113.3", true)]
    public void A_forward_takes_along_what_it_led(ushort first, ushort guestFirst, string? address, bool isLost)
    {
        var next = _forward with
        {
            HostAddress = address is null ? null : Ipv4Address.Parse(address),
            HostPorts = new PortRange(first, 8082),
            GuestFirst = guestFirst,
        };

        Assert.Equal(isLost ? [_forwarded] : [], Lost(_all, _all with { Forwards = [next] }));
    }

    private static TrackedConnection[] Lost(ExternalAccess before, ExternalAccess after)
    {
        var lost = LostWays.Of(At(before), At(after));
        return
        [
            .. _everything.Where(connection =>
                lost.Any(some =>
                    (some.End == connection.Original.Source || some.End == connection.Reply.Source)
                    && some.AreMeant?.Invoke(connection) != false
                )
            ),
        ];
    }

    private static Attachment At(ExternalAccess external) =>
        new(Ipv4Address.Parse(Guest), Ipv4Address.Parse("192.168.100.1"), 0) { External = external };

    private static TrackedConnection In(
        byte protocol,
        string from,
        string to,
        ushort port,
        string answering,
        ushort answeringPort
    ) =>
        new(
            protocol,
            new(IpAddress.Parse(from), 40_000, IpAddress.Parse(to), port),
            new(IpAddress.Parse(answering), answeringPort, IpAddress.Parse(from), 40_000)
        );
}
