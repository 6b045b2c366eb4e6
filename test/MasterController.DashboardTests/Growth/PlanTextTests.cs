using MasterController.Contracts;
using MasterController.Dashboard.Components.Growth;
using Xunit;

namespace MasterController.DashboardTests.Growth;

public class PlanTextTests
{
    [Fact]
    public void What_the_pool_becomes_has_to_be_typed()
    {
        Assert.Equal("192.168.0.0/16", PlanText.Typed(Samples.Plan()));
        var further = Samples.Plan() with
        {
            RangesAfter = [Samples.Range("192.168.100.0/24"), Samples.Range("10.0.0.0/8")],
        };
        Assert.Equal("10.0.0.0/8", PlanText.Typed(further));
        Assert.Equal("default", PlanText.Typed(Samples.Plan() with { RangesAfter = [] }));
    }

    [Fact]
    public void The_time_to_confirm_is_in_the_detail()
    {
        var waiting = Samples.Operation("running", new OperationStep("wait for confirmation", "running", null)) with
        {
            Detail = $"rolled back unless confirmed by {Samples.Time:O}",
        };
        Assert.True(PlanText.AwaitsConfirmation(waiting));
        Assert.Equal(Samples.Time, PlanText.ConfirmedBy(waiting));
        Assert.Null(PlanText.ConfirmedBy(waiting with { Detail = "pinging 3 VMs" }));
        Assert.False(PlanText.AwaitsConfirmation(waiting with { Status = "succeeded" }));
    }

    [Fact]
    public void A_change_is_taken_back_to_the_definition_before_it()
    {
        PoolVersion[] versions = [Version(1, null), Version(2, "op-1"), Version(3, "op-2"), Version(4, null)];
        Assert.Equal(1, PlanText.Before(versions, "op-1")!.Version);
        Assert.Equal(2, PlanText.Before(versions, "op-2")!.Version);
        Assert.Null(PlanText.Before(versions, "op-9"));
    }

    [Fact]
    public void Suggestions_are_the_recommended_one_and_the_networks_around()
    {
        var targets = GrowthTarget.Of(Samples.Pool(), Samples.Capacity);
        Assert.Equal(["192.168.0.0/16", "192.0.0.0/8"], targets.Select(t => t.Cidr));
        Assert.Equal(["65,533 to lease, recommended", "16,777,216 addresses in all"], targets.Select(t => t.Text));
        Assert.Empty(GrowthTarget.Of(Samples.Pool(cidr: "10.0.0.0/8"), null));
    }

    private static PoolVersion Version(long version, string? operation) =>
        new(version, Samples.Time, "expand", operation, [], [], 253, Current: false);
}
