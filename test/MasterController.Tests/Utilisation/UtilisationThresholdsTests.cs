using MasterController.Core.Addressing;
using MasterController.Core.Utilisation;
using Xunit;

namespace MasterController.Tests.Utilisation;

public sealed class UtilisationThresholdsTests
{
    private readonly UtilisationThresholds _thresholds = new();

    [Fact]
    public void A_threshold_is_told_once_and_again_only_after_the_pool_fell_two_points_below()
    {
        Assert.Equal("", Take(79));
        Assert.Equal("+80", Take(80));
        Assert.Equal("", Take(90));
        Assert.Equal("", Take(79));
        Assert.Equal("", Take(80));
        Assert.Equal("-80", Take(78));
        Assert.Equal("", Take(79));
        Assert.Equal("+80", Take(81));
    }

    [Fact]
    public void A_leap_crosses_several_at_once_in_their_order()
    {
        Assert.Equal("+80 +95", Take(99));
        Assert.Equal("-95", Take(93));
        Assert.Equal("-80", Take(10));
        Assert.Equal("+80 +95", Take(95));
        Assert.Equal("-95 -80", Take(0));
    }

    [Fact]
    public void Percent_is_of_what_can_be_leased()
    {
        // 80 of 200 − 100 reserved; a cooling address is not used.
        Assert.Equal("+80", Text(_thresholds.Take("p", new PoolCounts(200, 80, 20, 100, 0), [80, 95])));
        Assert.Equal("", Text(_thresholds.Take("q", new PoolCounts(200, 79, 21, 100, 0), [80, 95])));
        // 80 % of 253 are 202.4.
        Assert.Equal("", Text(_thresholds.Take("r", new PoolCounts(253, 202, 0, 0, 51), [80])));
        Assert.Equal("+80", Text(_thresholds.Take("r", new PoolCounts(253, 203, 0, 0, 50), [80])));
    }

    [Fact]
    public void A_pool_of_which_nothing_can_be_leased_has_no_percentage() =>
        Assert.Equal("", Text(_thresholds.Take("p", new PoolCounts(10, 0, 0, 10, 0), [1])));

    [Fact]
    public void Pools_are_told_apart_and_forgotten()
    {
        Assert.Equal("+80", Take(80));
        Assert.Equal("+80", Text(_thresholds.Take("other", Of(80), [80, 95])));
        _thresholds.KeepOnly(new HashSet<string> { "other" });
        Assert.Equal("+80", Take(80));
        Assert.Equal("", Text(_thresholds.Take("other", Of(80), [80, 95])));
    }

    [Fact]
    public void Thresholds_that_change_are_taken_as_they_are()
    {
        Assert.Equal("+80", Take(85));
        Assert.Equal("+50", Text(_thresholds.Take("p", Of(85), [50])));
        Assert.Equal("+80", Text(_thresholds.Take("p", Of(85), [50, 80])));
        Assert.Equal("", Text(_thresholds.Take("p", Of(85), [])));
    }

    [Fact]
    public void The_lowest_threshold_ends_when_nothing_is_used()
    {
        Assert.Equal("+1", Text(_thresholds.Take("p", Of(1), [1])));
        Assert.Equal("-1", Text(_thresholds.Take("p", Of(0), [1])));
    }

    private string Take(long used) => Text(_thresholds.Take("p", Of(used), [80, 95]));

    private static PoolCounts Of(long used) => new(100, used, 0, 0, 100 - used);

    private static string Text(IReadOnlyList<ThresholdCrossing> crossings) =>
        string.Join(' ', crossings.Select(c => $"{(c.IsUp ? '+' : '-')}{c.Percent}"));
}
