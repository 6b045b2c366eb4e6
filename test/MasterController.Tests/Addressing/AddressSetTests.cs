using CsCheck;
using MasterController.Core.Addressing;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class AddressSetTests
{
    private const uint Base = 0x0A00_0000;

    // Near the seams of words, leaves and the nodes above them, where a slip would show.
    private static readonly Gen<uint> _address = Gen.OneOf(
        Gen.UInt[0, 300],
        Gen.UInt[4_000, 4_200],
        Gen.UInt[262_000, 262_300],
        Gen.UInt[0xFF_FF00, 0xFF_FFFF]
    );

    [Fact]
    public void Behaves_as_a_plain_set_does() =>
        Gen.Select(Gen.Int[0, 6], _address, _address)
            .Array[1, 60]
            .Sample(steps =>
            {
                var set = new AddressSet();
                var model = new HashSet<uint>();
                foreach (var (kind, one, other) in steps)
                {
                    var (low, high) = (Math.Min(one, other), Math.Max(one, other));
                    if (kind <= 1)
                    {
                        set.Add(Base + one);
                        model.Add(one);
                    }
                    else if (kind == 2)
                    {
                        set.Remove(Base + one);
                        model.Remove(one);
                    }
                    else if (kind == 3 && high - low < 10_000)
                    {
                        set.AddRange(Base + low, Base + high);
                        for (var address = low; address <= high; address++)
                            model.Add(address);
                    }
                    else if (kind == 4 && high - low < 10_000)
                    {
                        set.RemoveRange(Base + low, Base + high);
                        model.RemoveWhere(address => low <= address && address <= high);
                    }
                    if (set.Contains(Base + other) != model.Contains(other))
                        return false;
                    var expected = low;
                    while (expected <= high && model.Contains(expected))
                        expected++;
                    var found = set.TryFindAbsent(Base + low, Base + high, out var absent);
                    if (found != (expected <= high) || (found && absent != Base + expected))
                        return false;
                    if (set.TryFindLastAbsent(Base + low, Base + high, out var last) != found)
                        return false;
                    expected = high;
                    while (found && model.Contains(expected))
                        expected--;
                    if (found && last != Base + expected)
                        return false;
                }
                return true;
            });

    [Fact]
    public void A_block_added_whole_opens_again_where_one_is_removed()
    {
        var set = new AddressSet();
        set.AddRange(Base, Base + 0xFF_FFFF);
        Assert.False(set.TryFindAbsent(Base, Base + 0xFF_FFFF, out _));
        set.Remove(Base + 0x12_3456);
        Assert.True(set.TryFindAbsent(Base, Base + 0xFF_FFFF, out var absent));
        Assert.Equal(Base + 0x12_3456, absent);
        Assert.True(set.Contains(Base + 0x12_3455) && set.Contains(Base + 0x12_3457));
        set.Add(absent);
        Assert.False(set.TryFindAbsent(Base, Base + 0xFF_FFFF, out _));
    }

    [Fact]
    public void A_block_is_emptied_whole_or_but_for_its_ends()
    {
        var set = new AddressSet();
        set.AddRange(Base, Base + 0xFF_FFFF);
        set.RemoveRange(Base + 1, Base + 0xFF_FFFE);
        Assert.True(set.Contains(Base) && set.Contains(Base + 0xFF_FFFF));
        Assert.True(set.TryFindAbsent(Base, Base + 0xFF_FFFF, out var lowest));
        Assert.True(set.TryFindLastAbsent(Base, Base + 0xFF_FFFF, out var highest));
        Assert.Equal((Base + 1, Base + 0xFF_FFFE), (lowest, highest));
        set.RemoveRange(Base, Base + 0xFF_FFFF);
        Assert.False(set.Contains(Base) || set.Contains(Base + 0xFF_FFFF));
    }

    [Fact]
    public void A_slash_8_that_is_empty_or_reserved_costs_little_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var set = new AddressSet();
        set.AddRange(Base, Base + 0x80_0000);
        set.Add(0x0B00_0000);
        var pool = new AddressPool(
            Assert
                .IsType<PoolOutcome.Done>(PoolRules.Check(new PoolRequest("p", [new RangeRequest("10.0.0.0/8")]), []))
                .Pool
        );
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        GC.KeepAlive(pool);
    }
}
