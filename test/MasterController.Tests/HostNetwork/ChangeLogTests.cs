using MasterController.Core.HostNetwork;
using Xunit;

namespace MasterController.Tests.HostNetwork;

public sealed class ChangeLogTests
{
    [Fact]
    public void Few_changes_are_told_one_by_one()
    {
        var changes = new ChangeLog();
        changes.Add("a", "first");
        changes.Add("b", "second");

        Assert.Equal(["first", "second"], changes.ToList());
    }

    [Fact]
    public void Many_of_one_sort_are_counted_and_others_still_told()
    {
        var changes = new ChangeLog();
        for (var i = 0; i < ChangeLog.LinesPerSort + 5; i++)
            changes.Add("attached", $"attached {i}");
        changes.Add("host", "forwarding");

        Assert.Equal(ChangeLog.LinesPerSort + 2, changes.ToList().Count);
        Assert.Contains("forwarding", changes.ToList());
        Assert.Equal("attached: 5 more", changes.ToList()[^1]);
    }
}
