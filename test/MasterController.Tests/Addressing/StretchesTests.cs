using CsCheck;
using MasterController.Core.Addressing;
using Xunit;

namespace MasterController.Tests.Addressing;

public sealed class StretchesTests
{
    [Fact]
    public void The_ends_of_all_addresses_are_stretches_too() =>
        Assert.Equal([(0u, 9u), (21u, uint.MaxValue)], Stretches.Except([(0, uint.MaxValue)], [(10, 20)]));

    [Fact]
    public void What_is_left_is_what_is_in_none_of_the_others() =>
        Gen.Select(Gen.Bool.Array[40], Gen.Bool.Array[40])
            .Sample(
                (some, others) =>
                {
                    var left = Stretches.Except(Runs(some), Runs(others)).ToArray();
                    for (var i = 0U; i < 40; i++)
                    {
                        var isLeft = left.Any(s => s.First <= i && i <= s.Last);
                        if (isLeft != (some[i] && !others[i]))
                            return false;
                    }
                    return left.SequenceEqual(left.OrderBy(s => s.First));
                }
            );

    private static List<(uint First, uint Last)> Runs(bool[] bits)
    {
        List<(uint First, uint Last)> runs = [];
        for (var i = 0U; i < bits.Length; i++)
        {
            if (!bits[i])
                continue;
            // A run of more than five is two that touch.
            if (runs.Count > 0 && runs[^1].Last + 1 == i && i - runs[^1].First < 5)
                runs[^1] = (runs[^1].First, i);
            else
                runs.Add((i, i));
        }
        return runs;
    }
}
