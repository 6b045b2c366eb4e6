using MasterController.Dashboard.Hosting;
using Xunit;

namespace MasterController.DashboardTests.Architecture;

public class LayerTests
{
    [Fact]
    public void The_dashboard_knows_only_contracts() =>
        Assert.Equal(
            ["MasterController.Contracts"],
            typeof(DashboardOptions)
                .Assembly.GetReferencedAssemblies()
                .Select(a => a.Name!)
                .Where(name =>
                    name.StartsWith("MasterController.", StringComparison.Ordinal)
                    || name is "mctl" or "master-controller"
                )
        );
}
