using CsCheck;
using MasterController.Core.Addressing;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class OwnerIndexTests
{
    [Fact]
    public void Finds_what_was_entered_through_growth_and_removal()
    {
        var table = new LeaseTable();
        var index = new OwnerIndex(table);
        const uint count = 50_000;
        for (var i = 1U; i <= count; i++)
        {
            table.Slot(i).Lease($"vm-{i}", 0);
            index.Add(i, OwnerHash.Of($"vm-{i}"));
        }
        for (var i = 2U; i <= count; i += 2)
            index.Remove(i, OwnerHash.Of($"vm-{i}"));
        for (var i = 1U; i <= count; i++)
            Assert.Equal(i % 2 == 0 ? 0 : i, index.Find($"vm-{i}", OwnerHash.Of($"vm-{i}")));
    }

    [Fact]
    public void Keys_of_one_hash_are_told_apart_however_many()
    {
        var table = new LeaseTable();
        var index = new OwnerIndex(table);
        for (var i = 1U; i <= 8_000; i++)
        {
            table.Slot(i).Lease($"vm-{i}", 0);
            index.Add(i, hash: 7);
        }
        index.Remove(4_000, hash: 7);
        Assert.Equal(0U, index.Find("vm-4000", 7));
        Assert.Equal(1U, index.Find("vm-1", 7));
        Assert.Equal(8_000U, index.Find("vm-8000", 7));
    }

    [Fact]
    public void Behaves_as_a_dictionary_does_with_hashes_that_crowd() =>
        Gen.Select(Gen.Bool, Gen.UInt[1, 40], Gen.UInt[0, 5])
            .Array[1, 200]
            .Sample(steps =>
            {
                var table = new LeaseTable();
                var index = new OwnerIndex(table);
                var model = new Dictionary<uint, uint>();
                foreach (var (add, address, spread) in steps)
                {
                    // All in one bucket, which overflows in the end.
                    var hash = model.GetValueOrDefault(address, 64 * (1 + spread));
                    if (add && model.TryAdd(address, hash))
                    {
                        table.Slot(address).Lease($"vm-{address}", 0);
                        index.Add(address, hash);
                    }
                    else if (!add)
                    {
                        index.Remove(address, hash);
                        model.Remove(address);
                    }
                    if (model.Any(m => index.Find($"vm-{m.Key}", m.Value) != m.Key))
                        return false;
                }
                return true;
            });

    [Fact]
    public void Hashes_differ_by_every_character_and_by_length()
    {
        var keys = Enumerable
            .Range(1, 20)
            .SelectMany(length =>
                Enumerable.Range(0, length).Select(i => new string('a', i) + 'b' + new string('a', length - i - 1))
            )
            .Concat(Enumerable.Range(1, 20).Select(length => new string('a', length)))
            .ToArray();
        Assert.InRange(keys.Select(OwnerHash.Of).Distinct().Count(), keys.Length - 1, keys.Length);
    }
}
