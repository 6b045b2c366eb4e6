using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.Tests.Netlink;

/// <summary>What the kernel says, as it was recorded from Linux 6.18.</summary>
public sealed class Ipv6EntryTests
{
    private const string Guest = "20010db8125000000000000001000002";

    [Fact]
    public void A_route_tells_destination_interface_metric_and_who_made_it()
    {
        var route = Ipv6RouteEntry.Read(
            Message("0a800000fefc000100000000" + "14000100" + Guest + "0800060000040000" + "0800040007000000")
        );

        Assert.Equal(Ipv6Network.Parse("2001:db8:1250::100:2/128"), route.Destination);
        Assert.Equal((252, 1, 7, 1024u, 254u), (route.Protocol, route.Type, route.Index, route.Priority, route.Table));
        Assert.Null(route.Gateway);
        Assert.False(route.IsOfAddress);
    }

    [Fact]
    public void A_default_route_has_no_destination_and_a_gateway()
    {
        var route = Ipv6RouteEntry.Read(
            Message("0a000000fe09000100000000" + "14000500fe800000000000000000000000000009" + "0800040002000000")
        );

        Assert.Equal(Ipv6Network.Parse("::/0"), route.Destination);
        Assert.Equal(Ipv6Address.Parse("fe80::9"), route.Gateway);
    }

    [Theory]
    [InlineData("0a080000ff020005", true)] // ff00::/8, multicast
    [InlineData("0a080000fe020001", true)] // the same, of a kernel that calls it unicast
    public void Multicast_is_no_network(string body, bool isOfAddress) =>
        Assert.Equal(
            isOfAddress,
            Ipv6RouteEntry.Read(Message(body + "00000000" + "14000100ff000000000000000000000000000000")).IsOfAddress
        );

    [Theory]
    [InlineData("0800080002020000", false)] // nodad noprefixroute
    [InlineData("0800080080000000", true)] // permanent
    public void An_address_says_whether_a_route_comes_with_it(string flags, bool makesRoute)
    {
        var entry = Ipv6AddressEntry.Read(
            Message("0a80000007000000" + "14000100fe800000000000000000000000000001" + flags)
        );

        Assert.Equal(new Ipv6AddressEntry(7, Ipv6Address.Parse("fe80::1"), 128, makesRoute), entry);
    }

    [Fact]
    public void Of_an_address_with_a_peer_the_own_one_counts()
    {
        var entry = Ipv6AddressEntry.Read(
            Message(
                "0a80000007000000"
                    + "1400020020010db8000000000000000000000001"
                    + "1400010020010db8000000000000000000000002"
            )
        );

        Assert.Equal(Ipv6Address.Parse("2001:db8::1"), entry.Address);
    }

    [Fact]
    public void A_neighbour_tells_where_it_is_and_whether_it_stays()
    {
        var entry = Ipv6NeighbourEntry.Read(
            Message("0a00000007000000" + "80000001" + "14000100" + Guest + "0a00020002fcc0a864020000")
        );

        Assert.Equal(
            new Ipv6NeighbourEntry(7, Ipv6Address.Parse("2001:db8:1250::100:2"), true, new(0x02fc_c0a8_6402), 0),
            entry
        );
    }

    [Fact]
    public void A_proxy_tells_who_made_it()
    {
        var ipv6 = Ipv6NeighbourEntry.Read(
            Message("0a00000007000000" + "00000805" + "14000100" + Guest + "05000c00fc000000")
        );
        var ipv4 = NeighbourEntry.Read(
            Message("0200000007000000" + "00000805" + "08000100cb007121" + "05000c00fc000000")
        );

        Assert.Equal((7, 252, false), (ipv6.Index, ipv6.Protocol, ipv6.IsPermanent));
        Assert.Equal(new NeighbourEntry(7, Ipv4Address.Parse("203.0.113.33"), false, null, 252), ipv4);
    }

    [Fact]
    public void A_link_tells_how_it_is_set_for_IPv6()
    {
        // The settings as an array of 27 numbers: accept_ra is the fourth, proxy_ndp the 23rd, disable_ipv6 the last.
        var settings = string.Concat(
            Enumerable
                .Range(0, 27)
                .Select(i =>
                    i is 3 ? "02000000"
                    : i is 22 ? "01000000"
                    : "00000000"
                )
        );
        var link = LinkEntry.Read(
            Message(
                "00000000070000000000000000000000" + "80001a807c000a80" + "70000200" + settings + "0500080001000000"
            )
        );

        Assert.Equal(
            (true, 2, true, LinkEntry.NoAddressGeneration),
            (link.HasIpv6, link.AcceptRa, link.ProxyNdp, link.AddressGeneration)
        );
    }

    private static NetlinkMessage Message(string hex) => new(0, 0, 0, Convert.FromHexString(hex));
}
