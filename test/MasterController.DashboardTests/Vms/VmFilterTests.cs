using MasterController.Dashboard.Components.Vms;
using Xunit;

namespace MasterController.DashboardTests.Vms;

public class VmFilterTests
{
    [Fact]
    public void A_filter_is_an_address()
    {
        var filter = new VmFilter(Status: "failed", Label: "env=a&b", Name: " ");
        Assert.Equal("/vms?status=failed&label=env%3Da%26b", filter.Page());
        Assert.Equal("vms?status=failed&label=env%3Da%26b&limit=50&cursor=x%2F1", filter.Request(50, "x/1"));
    }

    [Fact]
    public void No_filter_is_the_plain_page()
    {
        Assert.Equal("/vms", new VmFilter().Page());
        Assert.True(new VmFilter().IsEmpty);
        Assert.False(new VmFilter(Owner: "ci").IsEmpty);
    }
}
