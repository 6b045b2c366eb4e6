using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.HostNetwork.Dedicated;

public sealed class DedicatedElementsTests
{
    private static readonly Attachment _guest = new(
        Ipv4Address.Parse("192.168.100.2"),
        Ipv4Address.Parse("192.168.100.1"),
        0
    );
    private static readonly SourceNetworks _some = Networks("198.51.100.0/24");

    [Fact]
    public void A_guest_that_is_not_reached_has_none()
    {
        Assert.Empty(DedicatedElements.Of(_guest));
        Assert.Empty(DedicatedElements.Of(_guest with { External = ExternalAccess.None }));
    }

    [Fact]
    public void Openings_are_of_each_address_and_each_port() =>
        Assert.Equal(
            [
                "hairpin_sources 192.168.100.2 : 192.168.100.1",
                "open 203.0.113.33 . tcp . 80 : 0:1",
                "open 203.0.113.33 . tcp . 81 : 0:1",
                "open6 2001:db8::2 . tcp . 80 : 0:1",
                "open6 2001:db8::2 . tcp . 81 : 0:1",
                "open_hosts 203.0.113.33 : 0:7",
                "open_hosts6 2001:db8::2 : 0:7",
                "open_pings 203.0.113.33 : 0:1",
                "open_pings6 2001:db8::2 : 0:1",
                "public_addresses 203.0.113.33",
                "public_guests 203.0.113.33 : 192.168.100.2",
                "public_sources 192.168.100.2 : 203.0.113.33",
            ],
            Texts(
                _guest with
                {
                    External = new ExternalAccess(
                        Ipv6Address.Parse("2001:db8::2"),
                        Ipv4Address.Parse("203.0.113.33"),
                        [
                            new(EgressProtocol.Tcp, new PortRange(80, 81), SourceNetworks.Everybody),
                            new(EgressProtocol.Icmp, null, SourceNetworks.Everybody),
                            new(EgressProtocol.Any, null, _some),
                        ],
                        []
                    ),
                }
            )
        );

    [Fact]
    public void Forwards_are_of_each_port_and_let_in_by_it() =>
        Assert.Equal(
            [
                "address_forwards 203.0.113.7 . udp . 53 : 192.168.100.2 . 5353",
                "forwards tcp . 65534 : 192.168.100.2 . 80",
                "forwards tcp . 65535 : 192.168.100.2 . 81",
                "hairpin_sources 192.168.100.2 : 192.168.100.1",
                "open 203.0.113.7 . udp . 53 : 0:7",
                "open_forwards 192.168.100.2 . tcp . 65534 : 0:1",
                "open_forwards 192.168.100.2 . tcp . 65535 : 0:1",
            ],
            Texts(
                With(
                    Forward(null, EgressProtocol.Tcp, 65534, 65535, 80),
                    Forward("203.0.113.7", EgressProtocol.Udp, 53, 53, 5353, _some)
                )
            )
        );

    [Fact]
    public void On_the_bridge_there_is_no_ipv6_and_without_a_gateway_no_way_back_to_oneself()
    {
        var external = new ExternalAccess(
            Ipv6Address.Parse("2001:db8::2"),
            null,
            [new(EgressProtocol.Any, null, SourceNetworks.Everybody)],
            []
        );

        Assert.Empty(DedicatedElements.Of(_guest with { External = external, Mode = NetworkMode.Bridge }));
        Assert.DoesNotContain(
            Texts(With(Forward(null, EgressProtocol.Tcp, 1, 1, 1)) with { Gateway = null }),
            text => text.StartsWith("hairpin", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.1.0.0/16", "192.0.2.0/24 2001:db8::/32", "10.1.0.0/16, 192.0.2.0/24, 2001:db8::/32")]
    [InlineData("10.1.0.0/16", "", "everybody")]
    [InlineData("192.0.2.0/24 10.0.0.0/8", "10.0.0.0/8 192.0.2.0/24", "10.0.0.0/8, 192.0.2.0/24")]
    public void What_is_opened_twice_is_open_to_both(string one, string other, string together)
    {
        var guest = _guest with
        {
            External = ExternalAccess.None with
            {
                PublicIpv4 = Ipv4Address.Parse("203.0.113.33"),
                Open =
                [
                    new(EgressProtocol.Tcp, new PortRange(80, 85), Networks(one)),
                    new(EgressProtocol.Tcp, new PortRange(85, 90), Networks(other)),
                ],
            },
        };

        var elements = DedicatedElements.Of(guest).Where(element => element.Key.Map == DedicatedMap.Open).ToList();

        Assert.Equal(11, elements.Count);
        Assert.Equal(together, elements.Single(e => e.Key.Key.PortAt(8) == 85).Value.From!.ToString());
    }

    [Fact]
    public void Lists_of_the_same_networks_are_the_same_chain_and_others_are_not()
    {
        var one = new SourceChain(0, Networks("10.0.0.0/8 2001:db8::/32").Outermost());

        Assert.Equal(
            one.Fingerprint,
            new SourceChain(5, Networks("2001:db8::/32 10.1.0.0/16 10.0.0.0/8").Outermost()).Fingerprint
        );
        Assert.NotEqual(one.Fingerprint, new SourceChain(0, Networks("10.0.0.0/8").Outermost()).Fingerprint);
        Assert.Equal(["source_00000007_4", "source_00000007_6"], (one with { Id = 7 }).Sets);
        // All of a family are no set.
        Assert.Equal(["source_00000007_4"], new SourceChain(7, Networks("10.0.0.0/8 ::/0")).Sets);
        Assert.Equal(7u, SourceChain.IdOf("source_00000007"));
        Assert.Null(SourceChain.IdOf("source_00000007_4"));
        Assert.Null(SourceChain.IdOf("source_7"));
        // A number that somebody has is passed over.
        var first = SourceChain.Number(one.From, _ => true).Id;
        Assert.Equal(first + 1, SourceChain.Number(one.From, id => id != first).Id);
    }

    private static string[] Texts(Attachment guest) =>
        [
            .. DedicatedElements
                .Of(guest)
                .Select(e => $"{e.Key.Map.Name} {e.Key.Map.ElementText(e.Key.Key, e.Value.Resolve(_ => 7))}")
                .Order(StringComparer.Ordinal),
        ];

    private static Attachment With(params PortForward[] forwards) =>
        _guest with
        {
            External = ExternalAccess.None with { Forwards = forwards },
        };

    private static PortForward Forward(
        string? address,
        EgressProtocol protocol,
        ushort first,
        ushort last,
        ushort guestFirst,
        SourceNetworks? from = null
    ) =>
        new(
            "fwd_000000000001",
            address is null ? null : Ipv4Address.Parse(address),
            protocol,
            new PortRange(first, last),
            guestFirst,
            from ?? SourceNetworks.Everybody
        );

    private static SourceNetworks Networks(string networks)
    {
        var all = networks.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new(
            [.. all.Where(network => !network.Contains(':')).Select(Ipv4Network.Parse)],
            [.. all.Where(network => network.Contains(':')).Select(Ipv6Network.Parse)]
        );
    }
}
