using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.Tests.Netlink;

public sealed class NetlinkBatchTests
{
    private static readonly Ipv4Address Guest = Ipv4Address.Parse("192.168.100.2");

    [Fact]
    public void A_route_is_what_ip_route_replace_sends()
    {
        var batch = new NetlinkBatch();
        batch.RouteReplace(new Ipv4Network(Guest, 32), 7, Ipv4Address.Parse("192.168.100.1"), 252);

        Assert.Equal(
            "34000000 1800 0505 00000000 00000000 "
                + "02 20 00 00 fe fc fd 01 00000000 "
                + "0800 0100 c0a86402 0800 0400 07000000 0800 0700 c0a86401",
            NetlinkWriterTests.Hex(
                batch.Slice(0, 1),
                [4, 2, 2, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 4, 2, 2, 4, 2, 2, 4, 2, 2, 4]
            )
        );
    }

    [Fact]
    public void A_tables_own_entry_is_asked_for_with_flags()
    {
        var batch = new NetlinkBatch();
        batch.RouteMatch(Guest);
        batch.NeighbourGet(7, Guest);

        Assert.Equal(
            "24000000 1a00 0500 00000000 00000000 " + "02 20 0000 00000000 00300000 " + "0800 0100 c0a86402",
            NetlinkWriterTests.Hex(batch.Slice(0, 1), [4, 2, 2, 4, 4, 1, 1, 2, 4, 4, 2, 2, 4])
        );
        Assert.Equal(
            "24000000 1e00 0500 00000000 00000000 " + "02 00 0000 07000000 00000000 " + "0800 0100 c0a86402",
            NetlinkWriterTests.Hex(batch.Slice(1, 1), [4, 2, 2, 4, 4, 1, 1, 2, 4, 4, 2, 2, 4])
        );
    }

    [Fact]
    public void A_neighbour_is_permanent()
    {
        var batch = new NetlinkBatch();
        batch.NeighbourReplace(7, Guest, new MacAddress(0x02fc_c0a8_6402));

        Assert.Equal(
            "30000000 1c00 0505 00000000 00000000 "
                + "02 00 0000 07000000 8000 00 01 "
                + "0800 0100 c0a86402 0a00 0200 02fcc0a864020000",
            NetlinkWriterTests.Hex(batch.Slice(0, 1), [4, 2, 2, 4, 4, 1, 1, 2, 4, 2, 1, 1, 2, 2, 4, 2, 2, 8])
        );
    }

    [Fact]
    public void A_links_settings_travel_in_one_request()
    {
        var batch = new NetlinkBatch();
        batch.LinkConfigure(7, new MacAddress(0x02fc_0000_0001), 0x6663, new LinkSettings(ProxyArp: true));

        Assert.Equal(
            "48000000 1300 0500 00000000 00000000 "
                + "00 00 0000 07000000 00000000 00000000 "
                + "0a00 0100 02fc000000010000 0800 1b00 63660000 "
                + "1400 1a80 1000 0280 0c00 0180 0800 0300 01000000",
            NetlinkWriterTests.Hex(
                batch.Slice(0, 1),
                [4, 2, 2, 4, 4, 1, 1, 2, 4, 4, 4, 2, 2, 8, 2, 2, 4, 2, 2, 2, 2, 2, 2, 2, 2, 4]
            )
        );
    }

    [Fact]
    public void Requests_are_numbered_one_after_the_other()
    {
        var batch = new NetlinkBatch();
        batch.LinkUp(7);
        batch.LinkDelete(8);
        batch.Stamp(100, perAcknowledgement: 128);

        Assert.Equal(2, batch.Count);
        Assert.Equal(100, batch.Slice(0, 1)[8]);
        Assert.Equal(101, batch.Slice(1, 1)[8]);
    }

    [Fact]
    public void Each_nth_request_and_the_last_are_to_be_acknowledged()
    {
        var batch = new NetlinkBatch();
        for (var i = 0; i < 5; i++)
            batch.LinkUp(7);
        batch.Stamp(1, perAcknowledgement: 2);

        Assert.Equal([1, 5, 1, 5, 5], Enumerable.Range(0, 5).Select(i => (int)batch.Slice(i, 1)[6]));

        // A batch that is used again asks for what it needs then.
        batch.Stamp(1, perAcknowledgement: 3);
        Assert.Equal([1, 1, 5, 1, 5], Enumerable.Range(0, 5).Select(i => (int)batch.Slice(i, 1)[6]));
    }

    [Fact]
    public void A_batch_grows_with_its_requests()
    {
        var batch = new NetlinkBatch();
        for (var i = 1; i <= 10_000; i++)
            batch.LinkDelete(i);

        Assert.Equal(10_000, batch.Count);
        Assert.Equal(10_000 * 32, batch.Slice(0, 10_000).Length);
    }

    [Fact]
    public void A_cleared_batch_starts_anew()
    {
        var batch = new NetlinkBatch();
        batch.LinkUp(7);
        batch.Clear();
        batch.LinkDelete(8);

        Assert.Equal(1, batch.Count);
        Assert.Equal(17, batch.Slice(0, 1)[4]);
    }
}
