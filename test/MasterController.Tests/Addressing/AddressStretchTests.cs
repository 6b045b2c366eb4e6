using CsCheck;
using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class AddressStretchTests
{
    private static readonly Gen<AddressStretch> _stretch = Gen.Select(
        Gen.UInt[0, 40],
        Gen.UInt[0, 8],
        (first, more) => Stretch(first, first + more)
    );

    [Fact]
    public void The_ends_of_all_addresses_are_stretches_too() =>
        Assert.Equal(
            [Stretch(0, 9), Stretch(21, uint.MaxValue)],
            AddressStretch.Subtract([Stretch(0, uint.MaxValue)], [Stretch(10, 20), Stretch(12, 14)])
        );

    [Fact]
    public void What_is_left_is_what_none_of_the_others_holds_whatever_their_order_and_overlap() =>
        Gen.Select(Gen.Bool.Array[60], _stretch.Array[0, 6])
            .Sample(
                (some, others) =>
                {
                    var left = AddressStretch.Subtract(Runs(some).Reverse(), others);
                    for (var i = 0U; i < some.Length; i++)
                    {
                        var isLeft = left.Any(s => s.Contains(new(i)));
                        if (isLeft != (some[i] && !others.Any(o => o.Contains(new(i)))))
                            return false;
                    }
                    return left.SequenceEqual(left.OrderBy(s => s.First));
                }
            );

    private static AddressStretch Stretch(uint first, uint last) => new(new Ipv4Address(first), new Ipv4Address(last));

    private static IEnumerable<AddressStretch> Runs(bool[] bits)
    {
        for (var i = 0U; i < bits.Length; i++)
        {
            var first = i;
            // A run of more than five is several that touch.
            while (i < bits.Length && bits[i] && i - first < 5)
                i++;
            if (first < i)
                yield return Stretch(first, --i);
        }
    }
}
