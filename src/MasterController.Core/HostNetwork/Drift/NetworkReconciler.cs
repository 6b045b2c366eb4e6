using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>
/// Keeps the host network as it should be: compares it at the start, each minute and soon after the kernel has told of a
/// change by others; repairs what is ours, names what is others', and keeps a record of both.
/// </summary>
public sealed partial class NetworkReconciler(
    IHostNetwork network,
    IStateStore store,
    EventHub events,
    BackgroundWork work,
    TimeProvider clock,
    ILogger<NetworkReconciler> logger
)
{
    /// <summary>Between two comparisons of everything, whatever happens.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The least between two comparisons that are made because of notifications.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// A comparison that notifications ask for waits so many times as long as the last one took: however often others
    /// change something, comparing takes a tenth of one processor at most.
    /// </summary>
    private const int PauseFactor = 10;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly DriftBook _book = new();
    private readonly DriftJournal _journal = new(store, events, logger);
    private readonly Lock _lock = new();
    private NetworkHealth _health = new(null, null, null, []);
    private long _lastEnded;
    private long _lastBegun;
    private TimeSpan _took;
    private bool _isFirst = true;

    /// <summary>As the last comparison left it; waits for nothing.</summary>
    public NetworkHealth Health
    {
        get
        {
            lock (_lock)
                return _health;
        }
    }

    public void Start()
    {
        if (network.CanAttach)
            work.Run("watching the host network", RunAsync);
    }

    /// <summary>Compares now.</summary>
    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    public Task<NetworkHealth> ObserveAsync(CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await CompareAsync(ObservationScope.All, cancellationToken);
                return Health;
            },
            cancellationToken
        );

    /// <summary>Compares now and says what a repair would do.</summary>
    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    public Task<RepairResult> PlanAsync(CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await CompareAsync(ObservationScope.All, cancellationToken);
                var changes = await network.PlanRepairAsync(Ours, cancellationToken);
                return new RepairResult(changes, [], _book.Open);
            },
            cancellationToken
        );

    /// <summary>Compares now and repairs all that is ours, however often it was seen.</summary>
    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    public Task<RepairResult> RepairAsync(CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await CompareAsync(ObservationScope.All, cancellationToken);
                var changes = await network.PlanRepairAsync(Ours, cancellationToken);
                var ended = await RepairAsync(Ours);
                return new RepairResult(changes, ended, _book.Open);
            },
            cancellationToken
        );

    private IReadOnlyList<Difference> Ours =>
        [.. _book.Open.Select(entry => entry.Difference).Where(difference => difference.IsOurs)];

    private async Task RunAsync()
    {
        var scope = ObservationScope.All;
        while (true)
        {
            var hasFailed = false;
            try
            {
                await InTurnAsync(() => RoundAsync(scope), work.Stopping);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // Whatever it was: a network that is no longer watched would be worse.
                LogNotCompared(failure);
                hasFailed = true;
            }
            scope = await NextAsync(hasFailed);
        }
    }

    /// <summary>One comparison, and the repair of what is due.</summary>
    private async Task<bool> RoundAsync(ObservationScope scope)
    {
        await CompareAsync(scope, work.Stopping);
        // What is wrong at the start a former controller has left, and nobody is at work on it.
        if ((_isFirst ? Ours : _book.Due) is { Count: > 0 } due)
            await RepairAsync(due);
        _isFirst = false;
        return true;
    }

    /// <summary>
    /// Waits for what is next: the minute, a change that the kernel tells of, or the second look at what was seen once;
    /// the latter two not before the pause is over.
    /// </summary>
    /// <param name="hasFailed">Whether the last comparison has: a second look has nothing to look at again then.</param>
    private async Task<ObservationScope> NextAsync(bool hasFailed)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(work.Stopping);
        var minute = Task.Delay(Left(_lastBegun, Interval), clock, ending.Token);
        var pause = Max(LeastPause, _took * PauseFactor);
        try
        {
            if (_book.IsWaiting && !hasFailed)
            {
                await Task.Delay(Left(_lastEnded, pause), clock, ending.Token);
                network.TakeChanges();
                return ObservationScope.All;
            }
            while (true)
            {
                var first = await Task.WhenAny(minute, network.ChangedAsync(ending.Token));
                await first;
                if (first == minute)
                {
                    network.TakeChanges();
                    return ObservationScope.All;
                }
                await Task.Delay(Left(_lastEnded, pause), clock, ending.Token);
                if (network.TakeChanges() is not ObservationScope.None and var scope)
                    return scope;
            }
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    private async Task CompareAsync(ObservationScope scope, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        if (scope == ObservationScope.All)
            _lastBegun = began;
        try
        {
            var observation = await network.ObserveAsync(scope, cancellationToken);
            var now = clock.GetUtcNow();
            var (begun, ended) = _book.Take(observation, now);
            _journal.TellBegun(begun);
            Publish(observation, now, failure: null);
            await _journal.EndAsync(ended);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Publish(observation: null, default, failure.Message);
            throw;
        }
        finally
        {
            _lastEnded = clock.GetTimestamp();
            _took = clock.GetElapsedTime(began, _lastEnded);
        }
    }

    private async Task<IReadOnlyList<DriftEntry>> RepairAsync(IReadOnlyList<Difference> due)
    {
        // Once begun it goes on: a repair that stops halfway is told as neither.
        var outcomes = await network.RepairAsync(due, CancellationToken.None);
        var (ended, failed) = _book.Settle(outcomes, clock.GetUtcNow());
        _journal.TellFailed(failed);
        Publish(observation: null, default, failure: null);
        await _journal.EndAsync(ended);
        return ended;
    }

    private void Publish(NetworkObservation? observation, DateTimeOffset at, string? failure)
    {
        lock (_lock)
            _health = observation is { Scope: ObservationScope.All }
                ? new NetworkHealth(observation, at, failure, _book.Open)
                : _health with
                {
                    Failure = failure,
                    Open = _book.Open,
                };
    }

    private async Task<T> InTurnAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    private TimeSpan Left(long since, TimeSpan whole) => Max(TimeSpan.Zero, whole - clock.GetElapsedTime(since));

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The host network could not be compared with what it should be")]
    private partial void LogNotCompared(Exception failure);
}
