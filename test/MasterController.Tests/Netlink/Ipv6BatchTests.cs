using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.Tests.Netlink;

public sealed class Ipv6BatchTests
{
    private static readonly Ipv6Address Guest = Ipv6Address.Parse("2001:db8:1250::100:2");
    private static readonly Ipv6Address Gateway = Ipv6Address.Parse("fe80::1");
    private const string GuestBytes = "20010db8125000000000000001000002";
    private const string GatewayBytes = "fe800000000000000000000000000001";

    private readonly NetlinkBatch _batch = new();

    [Fact]
    public void A_route_is_what_ip_route_replace_sends()
    {
        _batch.RouteReplace(new Ipv6Network(Guest, 128), 7, 252);

        Is(
            "38000000 1800 0505 00000000 00000000 0a800000 fefc0001 00000000 14000100"
                + GuestBytes
                + "08000400 07000000"
        );
    }

    [Fact]
    public void A_route_is_deleted_where_it_is_and_of_who_made_it()
    {
        _batch.RouteDelete(new Ipv6Network(Guest, 128), 7, 252);

        Is(
            "38000000 1900 0500 00000000 00000000 0a800000 fefc0001 00000000 14000100"
                + GuestBytes
                + "08000400 07000000"
        );
    }

    [Fact]
    public void An_unreachable_network_is_on_no_interface_and_has_a_metric()
    {
        _batch.UnreachableReplace(Ipv6Network.Parse("2001:db8:1250::/64"), 1024, 252);

        Is(
            "38000000 1800 0505 00000000 00000000 0a400000 fefc0007 00000000 "
                + "14000100 20010db8125000000000000000000000 08000600 00040000"
        );
    }

    [Fact]
    public void An_unreachable_network_of_IPv4_is_deleted_by_its_metric()
    {
        _batch.UnreachableDelete(Ipv4Network.Parse("198.51.100.0/24"), 1024, 252);

        Is("2c000000 1900 0500 00000000 00000000 02180000 fefc0007 00000000 08000100 c6336400 08000600 00040000");
    }

    [Fact]
    public void A_tables_own_entry_is_asked_for_on_an_interface()
    {
        _batch.RouteMatch(Guest, 7);

        Is(
            "38000000 1a00 0500 00000000 00000000 0a800000 00000000 00200000 14000100"
                + GuestBytes
                + "08000400 07000000"
        );
    }

    [Fact]
    public void An_address_comes_without_a_question_and_without_a_route()
    {
        _batch.AddressReplace(7, Gateway);

        Is(
            "48000000 1400 0505 00000000 00000000 0a800000 07000000 "
                + $"14000200 {GatewayBytes} 14000100 {GatewayBytes} 08000800 02020000"
        );
    }

    [Fact]
    public void One_address_of_an_interface_is_asked_for()
    {
        _batch.AddressGet(7, Gateway);

        Is("2c000000 1600 0500 00000000 00000000 0a000000 07000000 14000100" + GatewayBytes);
    }

    [Fact]
    public void A_neighbour_is_permanent()
    {
        _batch.NeighbourReplace(7, Guest, new MacAddress(0x02fc_c0a8_6402));

        Is(
            "3c000000 1c00 0505 00000000 00000000 0a000000 07000000 80000001 "
                + $"14000100 {GuestBytes} 0a000200 02fcc0a864020000"
        );
    }

    [Fact]
    public void A_proxy_carries_who_made_it()
    {
        _batch.ProxyReplace(7, Guest, 252);

        Is(
            "38000000 1c00 0505 00000000 00000000 0a000000 07000000 00000801 "
                + $"14000100 {GuestBytes} 05000c00 fc000000"
        );
    }

    [Fact]
    public void A_proxy_of_IPv4_is_made_deleted_and_asked_for()
    {
        var address = Ipv4Address.Parse("203.0.113.33");
        _batch.ProxyReplace(7, address, 252);
        _batch.ProxyDelete(7, address);
        _batch.ProxyGet(7, address);

        Is(
            "2c000000 1c00 0505 00000000 00000000 02000000 07000000 00000801 08000100 cb007121 05000c00 fc000000"
                + "24000000 1d00 0500 00000000 00000000 02000000 07000000 00000801 08000100 cb007121"
                + "24000000 1e00 0500 00000000 00000000 02000000 07000000 00000800 08000100 cb007121"
        );
    }

    private void Is(string hex) =>
        Assert.Equal(
            hex.Replace(" ", "", StringComparison.Ordinal),
            Convert.ToHexStringLower(_batch.Slice(0, _batch.Count))
        );
}
