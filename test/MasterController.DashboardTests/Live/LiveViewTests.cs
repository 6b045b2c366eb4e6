using MasterController.Contracts;
using MasterController.Dashboard.Live;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace MasterController.DashboardTests.Live;

public class LiveViewTests
{
    [Fact]
    public async Task Events_wait_while_it_is_paused_and_come_when_it_goes_on()
    {
        await using var controller = await FakeController.StartAsync();
        await using var context = new DashboardContext(controller);
        List<string> seen = [];
        var live = context.Services.GetRequiredService<LiveView>();
        live.Happened += happened =>
        {
            lock (seen)
                seen.Add(happened.Subject);
        };
        await context.FollowAsync();
        await UntilAsync(() =>
        {
            controller.Publish("vm.running", "first");
            lock (seen)
                return seen.Contains("first");
        });

        live.Pause();
        controller.Publish("vm.running", "second");
        await UntilAsync(() => live.Held > 0);
        Assert.DoesNotContain("second", seen);

        live.GoOn();
        Assert.Contains("second", seen);
        Assert.Equal(0, live.Held);
    }

    [Fact]
    public async Task A_controller_that_refuses_stats_is_not_lost()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Refuse(
            "GET /api/v1/stats",
            new Problem("/problems/forbidden", "No.", 403, "This key is for one owner.")
        );
        await using var context = new DashboardContext(controller);
        await context.FollowAsync();

        var now = context.Services.GetRequiredService<LiveView>().Now;
        Assert.Null(now.Lost);
        Assert.Equal("This key is for one owner.", now.Refused);
        Assert.Equal("admin", now.Me!.Role);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 500, "it did not come");
            await Task.Delay(20);
        }
    }
}
