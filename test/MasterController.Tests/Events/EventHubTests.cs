using MasterController.Core.Events;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Events;

public sealed class EventHubTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subscriber_gets_what_happens_from_now_on_in_order()
    {
        var hub = new EventHub(_clock);
        hub.Publish("vm.running", "vm-0", "before");
        var received = TakeAsync(hub, afterId: null, count: 2);
        hub.Publish("vm.running", "vm-1", "one", new Dictionary<string, string> { ["pid"] = "7" });
        hub.Publish("vm.failed", "vm-1", "two");
        var events = await received;
        Assert.Equal([2L, 3L], events.Select(e => e.Id));
        Assert.Equal(["one", "two"], events.Select(e => e.Message));
        Assert.Equal("7", events[0].Data!["pid"]);
        Assert.Equal(_clock.GetUtcNow(), events[0].Time);
    }

    [Fact]
    public async Task One_that_comes_back_gets_what_it_missed_and_then_goes_on_without_a_gap()
    {
        var hub = new EventHub(_clock);
        for (var i = 1; i <= 5; i++)
            hub.Publish("t", "s", $"{i}");
        var received = TakeAsync(hub, afterId: 3, count: 3);
        hub.Publish("t", "s", "6");
        Assert.Equal([4L, 5L, 6L], (await received).Select(e => e.Id));
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 1)]
    [InlineData(long.MaxValue, 1)]
    public async Task An_id_from_before_a_restart_skips_nothing(long afterId, long first)
    {
        var hub = new EventHub(_clock);
        hub.Publish("t", "s", "");
        hub.Publish("t", "s", "");
        var received = TakeAsync(hub, afterId, count: 1);
        hub.Publish("t", "s", "");
        Assert.Equal(first, (await received)[0].Id);
    }

    [Fact]
    public async Task Only_the_last_thousand_or_so_are_remembered()
    {
        var hub = new EventHub(_clock);
        for (var i = 1; i <= 3_000; i++)
            hub.Publish("t", "s", "");
        Assert.Equal(3_000 - 1_024 + 1, (await TakeAsync(hub, afterId: 0, count: 1))[0].Id);
    }

    [Fact]
    public async Task One_that_does_not_keep_up_loses_its_oldest_and_holds_nobody_up()
    {
        var hub = new EventHub(_clock);
        await using var slow = hub.SubscribeAsync(afterId: null, Cancelled).GetAsyncEnumerator(Cancelled);
        var first = slow.MoveNextAsync();
        hub.Publish("t", "s", "1");
        Assert.True(await first);
        for (var i = 2; i <= 5_000; i++)
            hub.Publish("t", "s", $"{i}");
        List<long> ids = [];
        while (ids.Count == 0 || ids[^1] < 5_000)
        {
            Assert.True(await slow.MoveNextAsync());
            ids.Add(slow.Current.Id);
        }
        Assert.Equal(1_024, ids.Count);
        Assert.Equal(Enumerable.Range(5_000 - 1_023, 1_024).Select(i => (long)i), ids);
    }

    [Fact]
    public async Task Cancelling_ends_a_subscription_and_publishing_goes_on()
    {
        var hub = new EventHub(_clock);
        using var source = new CancellationTokenSource();
        await using var events = hub.SubscribeAsync(afterId: null, source.Token).GetAsyncEnumerator(source.Token);
        var next = events.MoveNextAsync();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        hub.Publish("t", "s", "");
        Assert.Single(await TakeAsync(hub, afterId: 0, count: 1));
    }

    /// <summary>Has subscribed when it returns its task.</summary>
    private static async Task<List<ControllerEvent>> TakeAsync(EventHub hub, long? afterId, int count)
    {
        List<ControllerEvent> taken = [];
        await foreach (var happened in hub.SubscribeAsync(afterId, Cancelled))
        {
            taken.Add(happened);
            if (taken.Count == count)
                break;
        }
        return taken;
    }
}
