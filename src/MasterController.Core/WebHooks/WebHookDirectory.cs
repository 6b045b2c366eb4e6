using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.WebHooks;

/// <summary>The web hooks there are. Each is delivered to by itself: one that is slow or gone holds up nobody.</summary>
public sealed partial class WebHookDirectory(
    IStateStore store,
    EventHub events,
    WebHookSender sender,
    WebHookTargets targets,
    BackgroundWork work,
    TimeProvider clock,
    ILogger<WebHookDirectory> logger
)
{
    /// <summary>Each holds a connection and a task.</summary>
    public const int Most = 100;

    private const int MostFilters = 64;

    /// <summary>One create or delete at a time.</summary>
    private readonly SemaphoreSlim _changes = new(1);
    private readonly ConcurrentDictionary<string, WebHookWorker> _workers = new(StringComparer.Ordinal);

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<WebHookStatus> List() =>
        [.. _workers.Values.Select(w => w.Status).OrderBy(s => s.Hook.Name, StringComparer.Ordinal)];

    public WebHookStatus? Find(string name) => _workers.GetValueOrDefault(name)?.Status;

    /// <summary>Goes on with those of the store, each after the last event that it had.</summary>
    public async Task LoadAsync(IStateHistory history, CancellationToken cancellationToken)
    {
        foreach (var hook in await history.ReadWebHooksAsync(cancellationToken))
            Start(hook);
    }

    /// <summary>What happens from now on is delivered to it.</summary>
    public async Task<WebHookOutcome> CreateAsync(WebHookRequest request)
    {
        if (Check(request) is { Count: > 0 } errors)
            return new WebHookOutcome.Invalid(errors);
        await _changes.WaitAsync(work.Stopping);
        try
        {
            if (_workers.ContainsKey(request.Name!))
                return new WebHookOutcome.NameTaken(request.Name!);
            if (_workers.Count >= Most)
                return new WebHookOutcome.LimitReached(Most);
            var hook = new WebHookRecord(
                request.Name!,
                request.Url!,
                [.. request.Events ?? []],
                request.Secret ?? WebHookSecret.New(),
                clock.GetUtcNow(),
                events.LastId
            );
            await store.CommitAsync(new StoreChange.WebHookSaved(hook));
            Start(hook);
            events.Publish(
                "webhook.created",
                hook.Name,
                hook.Events.Count == 0 ? "all" : string.Join(", ", hook.Events)
            );
            return new WebHookOutcome.Done(_workers[hook.Name].Status);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>What was not delivered until now never will be.</summary>
    public async Task<WebHookOutcome> DeleteAsync(string name)
    {
        await _changes.WaitAsync(work.Stopping);
        try
        {
            if (!_workers.TryGetValue(name, out var worker))
                return new WebHookOutcome.NotFound(name);
            // First, so that it does not store itself again.
            await worker.StopAsync();
            try
            {
                await store.CommitAsync(new StoreChange.WebHookDeleted(name));
            }
            catch (StoreException)
            {
                Start(worker.Status.Hook);
                throw;
            }
            _workers.TryRemove(name, out _);
            worker.Dispose();
            events.Publish("webhook.deleted", name, "");
            return new WebHookOutcome.Done(worker.Status);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Sends one made-up event at once, beside those that are being delivered; null where there is no such hook.</summary>
    public async Task<(WebHookAttempt Attempt, TimeSpan Took)?> TestAsync(
        string name,
        CancellationToken cancellationToken
    )
    {
        if (Find(name) is not { Hook: var hook })
            return null;
        var made = new ControllerEvent(0, clock.GetUtcNow(), "webhook.test", name, "a test of this web hook");
        var began = clock.GetTimestamp();
        var id = $"test-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        var attempt = await sender.SendAsync(hook, id, made, cancellationToken);
        return (attempt, clock.GetElapsedTime(began));
    }

    private void Start(WebHookRecord hook)
    {
        var worker = new WebHookWorker(hook, events, store, sender, clock, logger, work.Stopping);
        _workers[hook.Name] = worker;
        work.Run($"delivering to the web hook {hook.Name}", worker.RunAsync);
    }

    private Dictionary<string, string[]> Check(WebHookRequest request)
    {
        Dictionary<string, string[]> errors = [];
        if (request.Name is null)
            errors["name"] = ["is required"];
        else if (!DnsLabel.IsMatch(request.Name))
            errors["name"] =
            [
                $"\"{request.Name}\" is not a DNS label: 1 to 63 of a-z, 0-9 and \"-\", not first or last",
            ];
        if (request.Url is null)
            errors["url"] = ["is required"];
        else if (targets.ReasonAgainst(request.Url) is { } reason)
            errors["url"] = [reason];
        if (request.Secret is { } secret && WebHookSecret.ReasonAgainst(secret) is { } wrong)
            errors["secret"] = [wrong];
        if (request.Events is { } filters)
        {
            if (filters.Count > MostFilters)
                errors["events"] = [$"{filters.Count} types; at most {MostFilters}"];
            for (var i = 0; i < filters.Count; i++)
            {
                if (filters[i] is null || !TypePattern.IsMatch(filters[i]))
                    errors[$"events[{i}]"] =
                    [
                        $"\"{filters[i]}\" is not the type of events or its beginning, such as \"vm\" or \"operation.failed\"",
                    ];
            }
        }
        return errors;
    }

    /// <summary>RFC 1123, lower case.</summary>
    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsLabel { get; }

    [GeneratedRegex("^[a-z0-9-]{1,40}(\\.[a-z0-9-]{1,40}){0,3}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex TypePattern { get; }
}
