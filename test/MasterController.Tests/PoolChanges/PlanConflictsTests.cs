using MasterController.Core.HostNetwork;
using MasterController.Core.PoolChanges;
using Xunit;

namespace MasterController.Tests.PoolChanges;

public sealed class PlanConflictsTests
{
    [Fact]
    public void What_the_host_has_to_say_besides_is_a_warning()
    {
        var pool = Definitions.Pool("192.168.100.0/24");
        var host = HostSurvey.Nothing with { Notices = ["a rule is left alone"] };

        var (conflicts, warnings) = PlanConflicts.Find(
            new PoolChangeRequest(PoolAction.Expand),
            pool,
            pool,
            host,
            outside: []
        );

        Assert.Empty(conflicts);
        Assert.Equal([new PlanNotice(PlanNotice.Host, "a rule is left alone", null)], warnings);
    }
}
