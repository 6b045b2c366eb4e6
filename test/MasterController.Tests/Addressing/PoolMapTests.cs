using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class PoolMapTests
{
    [Fact]
    public async Task Each_address_has_its_state()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("192.168.100.0/24", Reservations: ["192.168.100.8/30"])
        );
        await pool.LeaseAsync("a", "192.168.100.2");
        await pool.LeaseAsync("b", "192.168.100.3");
        await pool.ReleaseAsync("192.168.100.3", "b");

        var map = pool.Directory.Map(PoolFixture.Pool, Ipv4Network.Parse("192.168.100.0/28"))!;

        Assert.Equal(32, map.CellPrefix);
        Assert.Equal([0, 5, 2, 3, 1, 1, 1, 1, 4, 4, 4, 4, 1, 1, 1, 1], map.Cells);
    }

    [Fact]
    public async Task A_slash_8_is_shown_by_the_share_of_its_subnets_that_is_used()
    {
        using var pool = await PoolFixture.WithAsync("10.0.0.0/8");
        for (var i = 0; i < 128; i++)
            await pool.LeaseAsync($"o{i}", $"10.1.2.{i}");
        await pool.LeaseAsync("one", "10.255.0.7");

        var map = pool.Directory.Map(PoolFixture.Pool, network: null)!;

        Assert.Equal(("10.0.0.0/8", 24, 65_536), (map.Network.ToString(), map.CellPrefix, map.Cells.Length));
        Assert.Equal(128, map.Cells[0x0102]);
        Assert.Equal(2, map.Cells[0xff00]);
        Assert.Equal(1, map.Cells[0]);
        Assert.Equal(65_534, map.Cells.Count(c => c == 1));
    }

    [Fact]
    public async Task What_is_not_of_the_pool_is_left_out()
    {
        using var pool = await PoolFixture.WithAsync(
            new RangeRequest("10.0.0.0/24"),
            new RangeRequest("192.168.0.0/16")
        );

        var around = pool.Directory.Map(PoolFixture.Pool, network: null)!;
        var outside = pool.Directory.Map(PoolFixture.Pool, Ipv4Network.Parse("172.16.0.0/24"))!;

        Assert.Equal(("0.0.0.0/0", 16, 65_536), (around.Network.ToString(), around.CellPrefix, around.Cells.Length));
        Assert.Equal([0x0a00, 0xc0a8], around.Cells.Index().Where(c => c.Item != 0).Select(c => c.Index));
        Assert.All(outside.Cells, c => Assert.Equal(0, c));
    }
}
