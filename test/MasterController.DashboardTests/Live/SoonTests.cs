using MasterController.Dashboard.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.DashboardTests.Live;

public class SoonTests
{
    [Fact]
    public void Many_that_ask_are_one_run_and_one_that_asks_during_it_another()
    {
        var clock = new FakeTimeProvider();
        var runs = 0;
        var running = new TaskCompletionSource();
        var soon = new Soon(
            () =>
            {
                runs++;
                return running.Task;
            },
            TimeSpan.FromSeconds(1),
            clock,
            CancellationToken.None
        );
        for (var i = 0; i < 1000; i++)
            soon.Want();
        Assert.Equal(0, runs);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, runs);

        soon.Want();
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, runs);
        running.SetResult();
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, runs);

        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, runs);
        soon.Want();
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, runs);
    }

    [Fact]
    public void Nothing_runs_after_the_end()
    {
        var clock = new FakeTimeProvider();
        using var ends = new CancellationTokenSource();
        var runs = 0;
        var soon = new Soon(
            () =>
            {
                runs++;
                return Task.CompletedTask;
            },
            TimeSpan.FromSeconds(1),
            clock,
            ends.Token
        );
        soon.Want();
        ends.Cancel();
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, runs);
    }
}
