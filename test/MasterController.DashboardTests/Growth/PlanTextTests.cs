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
        PoolVersion[] versions =
        [
            Version(1, null),
            Version(2, "op-1"),
            Version(3, "op-2"),
            Version(4, null) with
            {
                Action = "retire-gateway",
            },
        ];
        Assert.Equal(2, PlanText.Undo(versions, "op-2").Before!.Version);
        Assert.Equal(1, PlanText.Undo(versions[..2], "op-1").Before!.Version);
    }

    [Fact]
    public void One_that_others_followed_is_not_and_it_says_why()
    {
        PoolVersion[] versions = [Version(1, "op-0"), Version(2, "op-1"), Version(3, "op-2")];
        Assert.Equal("The pool has changed since, by version 3 (expand).", PlanText.Undo(versions, "op-1").Why);
        Assert.Equal("There is no definition before this one.", PlanText.Undo(versions[..1], "op-0").Why);
        Assert.NotNull(PlanText.Undo(versions, "op-9").Why);
    }

    [Fact]
    public void Suggestions_are_the_recommended_one_the_network_around_and_the_largest_private_one()
    {
        var targets = GrowthTarget.Of(Samples.Pool(), Samples.Capacity);
        Assert.Equal(["192.168.0.0/16", "10.0.0.0/8"], targets.Select(t => t.Cidr));
        Assert.Equal(["65,533 to lease, recommended", "16,777,216 addresses in all"], targets.Select(t => t.Text));
        Assert.Equal(["10.7.0.0/16", "10.0.0.0/8"], Cidrs("10.7.1.0/24"));
        Assert.Equal(["10.0.0.0/8"], Cidrs("203.0.113.0/24"));
        Assert.Empty(Cidrs("10.0.0.0/8"));

        static IEnumerable<string> Cidrs(string cidr) =>
            GrowthTarget.Of(Samples.Pool(cidr: cidr), null).Select(t => t.Cidr);
    }

    private static PoolVersion Version(long version, string? operation) =>
        new(version, Samples.Time, "expand", operation, [], [], 253, Current: false);
}
