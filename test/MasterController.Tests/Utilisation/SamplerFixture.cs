using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Utilisation;

/// <summary>A sampler over a store, with a clock that the test moves; it can be stopped and started like a controller.</summary>
internal sealed class SamplerFixture(IStateStore store, IStateHistory history, DateTimeOffset start) : IAsyncDisposable
{
    public const string Pool = "default";

    private BackgroundWork? _work;
    private long _seen;

    public WatchedClock Clock { get; } = new(start);

    public UtilisationSettings Settings { get; set; } = UtilisationSettings.Default;

    public PoolDirectory Pools { get; private set; } = null!;

    public EventHub Events { get; private set; } = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Starts from what the store has, and makes the pool where there is none; returns when it waits.</summary>
    public async Task StartAsync(string cidr = "10.0.0.0/24")
    {
        Events = new EventHub(Clock);
        _seen = 0;
        Pools = new PoolDirectory(store, Events, Clock);
        Pools.Load(await store.LoadAsync(Cancelled));
        if (Pools.Find(Pool) is null)
            await Pools.CreateAsync(new PoolRequest(Pool, [new RangeRequest(cidr)], TimeSpan.Zero), Cancelled);
        _work = new BackgroundWork(NullLogger<BackgroundWork>.Instance);
        var sampler = new UtilisationSampler(
            Pools,
            store,
            new UtilisationHistory(history, Clock),
            Events,
            _work,
            Clock,
            () => Settings,
            NullLogger<UtilisationSampler>.Instance
        );
        var waiting = Clock.NextTimer();
        sampler.Start();
        await waiting;
    }

    public async Task StopAsync()
    {
        if (_work is null)
            return;
        await _work.StopAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        await _work.DisposeAsync();
        Pools.Dispose();
        _work = null;
    }

    /// <summary>Moves the clock so far that the sampler wakes, and returns when it waits again.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        var waiting = Clock.NextTimer();
        Clock.Advance(time);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    public async Task AdvanceMinutesAsync(int minutes)
    {
        for (var i = 0; i < minutes; i++)
            await AdvanceAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>Leases or gives back the lowest addresses until so many are used.</summary>
    public async Task UseAsync(int count)
    {
        var leases = Pools.Leases(Pool);
        for (var i = leases.Count; i < count; i++)
            await Pools.LeaseAsync(Pool, $"owner-{i}", null, null, Cancelled);
        foreach (var lease in leases.Skip(count))
            await Pools.ReleaseAsync(Pool, lease.Address, lease.Owner, null, Cancelled);
    }

    /// <summary>"03:00 5": when, and how many were used.</summary>
    public async Task<string[]> SamplesAsync(SampleInterval interval)
    {
        var samples = await history.ReadUtilisationAsync(
            Pool,
            interval,
            DateTimeOffset.MinValue,
            DateTimeOffset.MaxValue,
            Cancelled
        );
        return [.. samples.Select(s => $"{s.Time:HH:mm} {s.Counts.Used}")];
    }

    /// <summary>What was told of thresholds since the start or the last call.</summary>
    public async Task<IReadOnlyList<ControllerEvent>> ThresholdEventsAsync()
    {
        Events.Publish("end of test", "", "");
        List<ControllerEvent> told = [];
        await foreach (var happened in Events.SubscribeAsync(_seen, Cancelled))
        {
            _seen = happened.Id;
            if (happened.Type == "end of test")
                break;
            if (happened.Type.StartsWith("pool.threshold", StringComparison.Ordinal))
                told.Add(happened);
        }
        return told;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Tells when somebody begins to wait for it.</summary>
    internal sealed class WatchedClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private TaskCompletionSource? _next;
        private TimeSpan _leapt;

        /// <summary>Sets the clock of the wall; timers and time stamps go on as if nothing had happened.</summary>
        public void Leap(TimeSpan by)
        {
            _leapt += by;
            AdjustTime(GetUtcNow() + by);
        }

        public override long GetTimestamp() => base.GetTimestamp() - _leapt.Ticks;

        public Task NextTimer() => (_next = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _next?.TrySetResult();
            return timer;
        }
    }
}
