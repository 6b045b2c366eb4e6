using MasterController.Contracts;
using MasterController.Dashboard.Components.Map;
using MasterController.Dashboard.Text;
using Xunit;

namespace MasterController.DashboardTests.Map;

public class MapCellsTests
{
    [Fact]
    public void Addresses_are_counted_by_state_and_found()
    {
        var codes = new byte[256];
        codes.AsSpan(1, 254).Fill(1);
        (codes[1], codes[2], codes[3]) = (5, 2, 3);
        var cells = Cells("192.168.100.0/24", 32, codes);

        Assert.Equal(
            ["not of the pool 2", "free 251", "leased 1", "cooling 1", "reserved 0", "gateway 1", "draining 0"],
            cells.Summary().Select(s => $"{s.Text} {s.Count}")
        );
        Assert.Equal("leased", cells.StateOf(Address("192.168.100.2")));
        Assert.Equal("192.168.100.3/32", cells.Cell(3).ToString());
    }

    [Fact]
    public void Networks_are_counted_by_the_share_that_is_used()
    {
        var codes = new byte[65536];
        codes.AsSpan().Fill(1);
        (codes[0], codes[1], codes[2], codes[65535]) = (0, 2, 128, 255);
        var cells = Cells("10.0.0.0/8", 24, codes);

        Assert.Equal([1, 65532, 1, 0, 1, 0, 1], cells.Summary().Select(s => s.Count));
        Assert.Equal(65536, cells.Summary().Sum(s => s.Count));
        Assert.Equal("10.255.255.0/24", cells.Cell(65535).ToString());
    }

    [Fact]
    public void Only_cells_that_changed_are_told()
    {
        var before = Cells("10.0.0.0/16", 32, new byte[65536]);
        var codes = new byte[65536];
        codes[0x0102] = 2;
        codes[0xffff] = 3;
        Assert.Equal([0x02, 0x01, 2, 0xff, 0xff, 3], Cells("10.0.0.0/16", 32, codes).ChangesSince(before)!);
        Assert.Empty(before.ChangesSince(before)!);
    }

    [Fact]
    public void Another_network_or_a_change_of_most_cells_is_told_whole()
    {
        var before = Cells("10.0.0.0/24", 32, new byte[256]);
        Assert.Null(before.ChangesSince(null));
        Assert.Null(Cells("10.0.1.0/24", 32, new byte[256]).ChangesSince(before));
        var codes = new byte[256];
        codes.AsSpan(0, 100).Fill(2);
        Assert.Null(Cells("10.0.0.0/24", 32, codes).ChangesSince(before));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3", "10.1.0.0/16")]
    [InlineData("10.1.0.0/16", "10.1.2.3", "10.1.2.0/24")]
    [InlineData("10.1.0.0/20", "10.1.2.3", "10.1.2.0/24")]
    [InlineData("8.0.0.0/6", "10.1.2.3", "10.0.0.0/8")]
    [InlineData("10.1.2.0/24", "10.1.2.3", null)]
    [InlineData("10.1.2.0/28", "10.1.2.3", null)]
    public void Zooms_level_by_level(string shown, string address, string? expected) =>
        Assert.Equal(expected, MapZoom.Into(Network(shown), Address(address))?.ToString());

    [Fact]
    public void The_trail_leads_back_to_the_whole()
    {
        Assert.Equal(
            ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24"],
            MapZoom.Trail(Network("10.0.0.0/8"), Network("10.1.2.0/24")).Select(n => n.ToString())
        );
        Assert.Equal(
            ["192.168.100.0/24"],
            MapZoom.Trail(Network("192.168.100.0/24"), Network("192.168.100.0/24")).Select(n => n.ToString())
        );
    }

    [Theory]
    [InlineData("10.1.2")]
    [InlineData("10.1.2.256")]
    [InlineData("10.1.2.3.4")]
    [InlineData("0x0a.1.2.3 ")]
    [InlineData("::1")]
    [InlineData("")]
    public void What_is_no_address_is_told_from_one(string text) => Assert.False(Cidr.TryAddress(text, out _));

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0/8")]
    public void What_is_no_network_is_told_from_one(string text) => Assert.False(Cidr.TryParse(text, out _));

    private static MapCells Cells(string network, int cellPrefix, byte[] codes) =>
        MapCells.Of(new AddressMap("default", default, network, cellPrefix, Convert.ToBase64String(codes)));

    private static Cidr Network(string text) =>
        Cidr.TryParse(text, out var cidr) ? cidr : throw new FormatException(text);

    private static uint Address(string text) =>
        Cidr.TryAddress(text, out var address) ? address : throw new FormatException(text);
}
