using MasterController.Dashboard.Live;
using Xunit;

namespace MasterController.DashboardTests.Live;

public class ThrottleTests
{
    [Fact]
    public async Task Many_wishes_are_one_work_and_one_that_comes_meanwhile_another()
    {
        var done = 0;
        var going = new TaskCompletionSource();
        var begun = new SemaphoreSlim(0);
        var throttle = new Throttle(
            TimeSpan.FromMilliseconds(20),
            async () =>
            {
                Interlocked.Increment(ref done);
                begun.Release();
                await going.Task;
            },
            CancellationToken.None
        );
        for (var i = 0; i < 100; i++)
            throttle.Want();
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, done);

        throttle.Want();
        throttle.Want();
        going.SetResult();
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(2, done);

        throttle.Want();
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, done);
    }

    [Fact]
    public async Task Nothing_is_done_after_the_end()
    {
        using var ends = new CancellationTokenSource();
        var done = 0;
        var throttle = new Throttle(TimeSpan.FromMilliseconds(20), () => Task.FromResult(done++), ends.Token);
        throttle.Want();
        await ends.CancelAsync();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(0, done);
    }
}
