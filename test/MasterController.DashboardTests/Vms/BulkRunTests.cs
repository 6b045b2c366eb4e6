using MasterController.Contracts;
using MasterController.Dashboard.Api;
using MasterController.Dashboard.Components.Vms;
using Xunit;

namespace MasterController.DashboardTests.Vms;

public class BulkRunTests
{
    private static readonly (string, string)[] _forty =
    [
        .. Enumerable.Range(1, 40).Select(i => ($"vm-{i}", $"web-{i}")),
    ];

    [Fact]
    public async Task Failures_are_named_and_the_rest_goes_on()
    {
        var run = new BulkRun(
            _forty,
            (id, _) =>
                id == "vm-7"
                    ? throw new ApiException(new Problem("/problems/wrong-state", "No.", 409, "It is stopped."), 409)
                    : Task.CompletedTask
        );
        var progressed = 0;
        run.Progressed += () => Interlocked.Increment(ref progressed);

        await run.RunAsync(CancellationToken.None);

        Assert.Equal((40, 40, 39), (run.Total, run.Done, run.Succeeded));
        var (name, error) = Assert.Single(run.Failures);
        Assert.Equal(("web-7", "It is stopped."), (name, error.Message));
        Assert.Equal(40, progressed);
    }

    [Fact]
    public async Task Four_are_under_way_at_a_time()
    {
        var (now, most) = (0, 0);
        var run = new BulkRun(
            _forty,
            async (_, ct) =>
            {
                var under = Interlocked.Increment(ref now);
                lock (_forty)
                    most = Math.Max(most, under);
                await Task.Delay(5, ct);
                Interlocked.Decrement(ref now);
            }
        );
        await run.RunAsync(CancellationToken.None);
        Assert.InRange(most, 1, 4);
    }

    [Fact]
    public async Task What_was_begun_is_ended_when_it_is_cancelled_and_the_rest_left()
    {
        using var stop = new CancellationTokenSource();
        var run = new BulkRun(
            _forty,
            async (_, ct) =>
            {
                await stop.CancelAsync();
                await Task.Delay(50, CancellationToken.None);
                Assert.False(ct.IsCancellationRequested);
            }
        );
        await run.RunAsync(stop.Token);
        Assert.InRange(run.Done, 1, 39);
        Assert.Empty(run.Failures);
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(4, "4")]
    public void Deleting_more_than_three_has_to_be_typed(int vms, string? typed)
    {
        Assert.Equal(typed, BulkAction.Delete.Typed(vms));
        Assert.Null(BulkAction.Stop.Typed(vms));
    }

    [Theory]
    [InlineData("running", true, false)]
    [InlineData("stopped", false, true)]
    [InlineData("failed", false, false)]
    [InlineData("deleting", true, true)]
    public void A_status_speaks_against_what_it_does_not_allow(string status, bool start, bool stop)
    {
        Assert.Equal(start, BulkAction.Start.Speaks(status) is not null);
        Assert.Equal(stop, BulkAction.Stop.Speaks(status) is not null);
    }
}
