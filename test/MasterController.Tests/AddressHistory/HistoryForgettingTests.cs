using MasterController.Core.AddressHistory;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Tests.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.AddressHistory;

public sealed class HistoryForgettingTests
{
    private static readonly DateTimeOffset _start = new(2026, 3, 4, 5, 0, 0, TimeSpan.Zero);

    private readonly InMemoryStateStore _store = new();
    private readonly FakeTimeProvider _clock = new(_start);
    private readonly BackgroundWork _work = new(NullLogger<BackgroundWork>.Instance);
    private TimeSpan _keep = TimeSpan.FromDays(90);

    private IEnumerable<DateTimeOffset> Forgotten =>
        _store.Commits.SelectMany(c => c).OfType<StoreChange.LeaseHistoryForgotten>().Select(f => f.Before);

    private IEnumerable<DateTimeOffset> AuditForgotten =>
        _store.Commits.SelectMany(c => c).OfType<StoreChange.AuditForgotten>().Select(f => f.Before);

    [Fact]
    public async Task What_is_too_old_is_forgotten_at_start_and_each_day_by_what_is_configured_then()
    {
        Start();
        await UntilAsync(() => Forgotten.Contains(_start - _keep));

        _keep = TimeSpan.FromDays(10);
        _clock.Advance(TimeSpan.FromDays(1));
        await UntilAsync(() => Forgotten.Contains(_start.AddDays(1) - _keep));
        Assert.Equal(_start.AddDays(1) - _keep, Forgotten.Max());
        await _work.StopAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
    }

    [Fact]
    public async Task Who_asked_for_what_is_forgotten_after_a_time_of_its_own()
    {
        Start();
        var end = _start - TimeSpan.FromDays(365);
        await UntilAsync(() => AuditForgotten.Contains(end));
        Assert.Equal(end - TimeSpan.FromDays(1), AuditForgotten.Min());
        Assert.Equal(end, AuditForgotten.Max());
        await _work.StopAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
    }

    [Fact]
    public async Task A_day_is_forgotten_hour_by_hour()
    {
        Start();
        await UntilAsync(() => Forgotten.Contains(_start - _keep));
        var times = Forgotten.ToArray();
        Assert.Equal(_start - _keep - TimeSpan.FromDays(1), times[0]);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(TimeSpan.FromHours(1), pair.Second - pair.First));
        await _work.StopAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
    }

    [Fact]
    public async Task A_store_that_refuses_is_asked_again_the_next_day()
    {
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Refuses = _ => refused.TrySetResult() || true;
        Start();
        await refused.Task;
        _store.Refuses = _ => false;
        _clock.Advance(TimeSpan.FromDays(1));
        await UntilAsync(() => Forgotten.Contains(_start.AddDays(1) - _keep));
        await _work.StopAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
    }

    private void Start() =>
        new HistoryForgetting(
            _store,
            _work,
            () => new HistorySettings(_keep),
            _clock,
            NullLogger<HistoryForgetting>.Instance
        ).Start();

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }
}
