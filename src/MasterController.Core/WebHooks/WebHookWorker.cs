using System.Globalization;
using MasterController.Core.Events;
using MasterController.Core.Store;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.WebHooks;

/// <summary>
/// Delivers events to one web hook, in order, each until it is delivered or given up. How far it has come is stored now
/// and then: what was delivered since is delivered again after a crash, under the same ids.
/// </summary>
internal sealed partial class WebHookWorker : IDisposable
{
    public const string GivenUpEvent = "webhook.given-up";

    private const int PageSize = 100;

    /// <summary>What is not for this hook is not stored as passed over before it is so many.</summary>
    private const int SkippedUnsaved = 1_000;

    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(5);

    private readonly EventHub _events;
    private readonly IStateStore _store;
    private readonly WebHookSender _sender;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebHookStatus _status;
    private WebHookRecord _saved;
    private long _savedAt;

    public WebHookWorker(
        WebHookRecord hook,
        EventHub events,
        IStateStore store,
        WebHookSender sender,
        TimeProvider clock,
        ILogger logger,
        CancellationToken stopping
    )
    {
        (_events, _store, _sender, _clock, _logger) = (events, store, sender, clock, logger);
        _saved = hook;
        _status = new WebHookStatus(
            hook,
            hook.GivenUp > 0 && hook.Delivered == 0 ? WebHookState.Failing : WebHookState.Ok,
            LastError: null,
            NextAttemptAt: null
        );
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    }

    public WebHookStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    private WebHookRecord Hook => Status.Hook;

    public async Task RunAsync()
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
                await DeliverPageAsync();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stored below; the next start goes on from there.
        }
        finally
        {
            await TrySaveAsync();
            _ended.SetResult();
        }
    }

    /// <summary>When this ends, nothing is sent or stored any more.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _ended.Task;
    }

    public void Dispose() => _stopping.Dispose();

    private async Task DeliverPageAsync()
    {
        var after = Hook.LastEventId;
        var page = await ReadAsync(after);
        foreach (var happened in page.Items)
        {
            if (IsWanted(happened))
                await DeliverAsync(happened);
            Change(s => s with { Hook = s.Hook with { LastEventId = happened.Id } });
            if (_clock.GetElapsedTime(_savedAt) >= SaveInterval)
                await SaveIfDueAsync();
        }
        if (page.UpTo > Hook.LastEventId)
            Change(s => s with { Hook = s.Hook with { LastEventId = page.UpTo } });
        await SaveIfDueAsync();
        if (page.UpTo == after)
            await _events.WhenAfterAsync(after, _stopping.Token);
    }

    /// <summary>The store may not be readable for a while; that must not end the hook.</summary>
    private async Task<EventPage> ReadAsync(long after)
    {
        while (true)
        {
            try
            {
                return await _events.ReadAsync(after, PageSize, _stopping.Token);
            }
            catch (StoreUnusableException failure)
            {
                LogNotRead(failure, Hook.Name);
                await Task.Delay(StoreRetry, _clock, _stopping.Token);
            }
        }
    }

    private bool IsWanted(ControllerEvent happened)
    {
        var hook = Hook;
        // What is told of this hook itself would follow itself for ever.
        if (happened.IsOf("webhook") && happened.Subject == hook.Name)
            return false;
        return hook.Events.Count == 0 || hook.Events.Any(happened.IsOf);
    }

    private async Task DeliverAsync(ControllerEvent happened)
    {
        var began = _clock.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            var id = happened.Id.ToString(CultureInfo.InvariantCulture);
            Change(s => s with { NextAttemptAt = null });
            var attempt = await _sender.SendAsync(Hook, id, happened, _stopping.Token);
            if (attempt.IsDelivered)
            {
                Change(s => new WebHookStatus(
                    s.Hook with
                    {
                        Delivered = s.Hook.Delivered + 1,
                        LastDeliveryAt = _clock.GetUtcNow(),
                    },
                    WebHookState.Ok,
                    LastError: null,
                    NextAttemptAt: null
                ));
                return;
            }
            var jitter = Random.Shared.NextDouble();
            if (WebHookRetry.Next(failures, _clock.GetElapsedTime(began), jitter, attempt.RetryAfter) is not { } delay)
            {
                GiveUp(happened, failures, attempt.Error!);
                return;
            }
            Change(s =>
                s with
                {
                    State = s.State == WebHookState.Failing ? WebHookState.Failing : WebHookState.Retrying,
                    LastError = attempt.Error,
                    NextAttemptAt = _clock.GetUtcNow() + delay,
                }
            );
            await SaveIfDueAsync();
            await Task.Delay(delay, _clock, _stopping.Token);
        }
    }

    private void GiveUp(ControllerEvent happened, int attempts, string error)
    {
        Change(s => new WebHookStatus(
            s.Hook with
            {
                GivenUp = s.Hook.GivenUp + 1,
            },
            WebHookState.Failing,
            error,
            NextAttemptAt: null
        ));
        LogGivenUp(Hook.Name, happened.Id, attempts, error);
        _events.Publish(
            GivenUpEvent,
            Hook.Name,
            $"event {happened.Id} ({happened.Type}) was not delivered in {attempts} attempts: {error}",
            new Dictionary<string, string>
            {
                ["event"] = happened.Id.ToString(CultureInfo.InvariantCulture),
                ["type"] = happened.Type,
            }
        );
    }

    private async Task SaveIfDueAsync()
    {
        var (now, then) = (Hook, _saved);
        var isDelivered = now.Delivered != then.Delivered || now.GivenUp != then.GivenUp;
        if (isDelivered || now.LastEventId - then.LastEventId >= SkippedUnsaved)
            await TrySaveAsync();
    }

    private async Task TrySaveAsync()
    {
        var hook = Hook;
        if (hook == _saved)
            return;
        try
        {
            await _store.CommitAsync(new StoreChange.WebHookSaved(hook));
            _saved = hook;
        }
        catch (StoreException failure)
        {
            LogNotSaved(failure, hook.Name);
        }
        _savedAt = _clock.GetTimestamp();
    }

    private void Change(Func<WebHookStatus, WebHookStatus> change)
    {
        lock (_lock)
            _status = change(_status);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Web hook {Name}: event {Id} was given up after {Attempts} attempts: {Error}"
    )]
    private partial void LogGivenUp(string name, long id, int attempts, string error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Web hook {Name}: how far it has come is not stored; a restart would deliver some events again"
    )]
    private partial void LogNotSaved(Exception failure, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Web hook {Name}: events cannot be read yet")]
    private partial void LogNotRead(Exception failure, string name);
}
