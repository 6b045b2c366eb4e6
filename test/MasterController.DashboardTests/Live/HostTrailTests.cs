using MasterController.Contracts;
using MasterController.Dashboard.Components.Shared;
using MasterController.Dashboard.Live;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace MasterController.DashboardTests.Live;

public class HostTrailTests
{
    [Fact]
    public async Task Each_reading_is_kept_once()
    {
        await using var controller = await FakeController.StartAsync();
        controller.ReplyWithStats();
        await using var context = new DashboardContext(controller);
        var trail = context.Services.GetRequiredService<HostTrail>();
        await context.FollowAsync();
        await UntilAsync(() => trail.Readings.Count == 1);

        // The same reading again, for events ask for stats anew.
        controller.Publish("vm.running", "vm-1");
        controller.Reply(
            "GET /api/v1/host",
            Samples.Host with
            {
                Time = Samples.Time.AddSeconds(5),
            },
            ContractsJson.Default.HostInfo
        );
        await UntilAsync(() => trail.Readings.Count == 2);
        Assert.Equal([Samples.Time, Samples.Time.AddSeconds(5)], trail.Readings.Select(r => r.Time));
    }

    [Theory]
    [InlineData(100, "0,27 60,14 120,1")]
    [InlineData(0, "0,27 60,27 120,27")]
    public void A_line_is_drawn_to_its_height(double most, string points) =>
        Assert.Equal(points, Sparkline.Line([0, 50, 100], most));

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 1000, "it did not come");
            await Task.Delay(20);
        }
    }
}
