using MasterController.Contracts;
using MasterController.Dashboard.Components.VmDetails;
using Xunit;

namespace MasterController.DashboardTests.VmDetails;

public class TrafficTrailTests
{
    private readonly TrafficTrail _trail = new();

    [Fact]
    public void Rates_are_between_readings()
    {
        Add(0, 1_000, 500);
        Assert.Null(_trail.Now);
        Add(5, 6_000, 500);
        Assert.Equal((1_000, 0), _trail.Now);
        Add(10, 6_000, 1_500);
        Assert.Equal([1_000, 0], _trail.In);
        Assert.Equal([0, 200], _trail.Out);
    }

    [Fact]
    public void Counters_that_begin_anew_are_no_rate()
    {
        Add(0, 1_000, 500);
        Add(5, 10, 5);
        Assert.Null(_trail.Now);
        Add(10, 60, 5);
        Assert.Equal((10, 0), _trail.Now);
    }

    [Fact]
    public void A_VM_without_counters_begins_anew()
    {
        Add(0, 1_000, 500);
        _trail.Add(Samples.Time.AddSeconds(5), new VmTraffic("vm-1", "web", "192.168.100.2", null, null));
        Add(10, 2_000, 900);
        Assert.Null(_trail.Now);
    }

    private void Add(int seconds, long into, long outOf) =>
        _trail.Add(
            Samples.Time.AddSeconds(seconds),
            new VmTraffic(
                "vm-1",
                "web",
                "192.168.100.2",
                new TrafficCounters(1, into, 0),
                new TrafficCounters(1, outOf, 0)
            )
        );
}
