using MasterController.Core.Events;
using MasterController.Core.Store;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>Tells of drift by events and in the log, and keeps a record of what has ended.</summary>
internal sealed partial class DriftJournal(IStateStore store, EventHub events, ILogger logger)
{
    public const string SeenEvent = "network.drift";
    public const string RepairedEvent = "network.repaired";
    public const string GoneEvent = "network.drift-gone";
    public const string FailedEvent = "network.repair-failed";

    /// <summary>Of one comparison: what a whole table of lost routes makes is told by number beyond it.</summary>
    internal const int ToldOneByOne = 20;

    /// <summary>Of one comparison, in the store; a year of them is no more than some megabytes.</summary>
    internal const int KeptOneByOne = 1_000;

    internal void TellBegun(IReadOnlyList<DriftEntry> begun) =>
        Tell(SeenEvent, begun, entry => $"{Describe(entry.Difference)}{Whose(entry.Difference)}", LogDrift);

    internal void TellFailed(IReadOnlyList<DriftEntry> failed) =>
        Tell(
            FailedEvent,
            failed,
            entry => $"{Describe(entry.Difference)}; it could not be repaired: {entry.Failure}",
            LogDrift
        );

    /// <summary>Tells of what has ended and makes it durable; what cannot be stored is still told.</summary>
    internal async Task EndAsync(IReadOnlyList<DriftEntry> ended)
    {
        if (ended.Count == 0)
            return;
        Tell(
            RepairedEvent,
            [.. ended.Where(entry => entry.State == DriftState.Repaired)],
            entry => $"repaired: {Describe(entry.Difference)}{Advice(entry.Difference)}",
            LogRepaired
        );
        Tell(
            GoneEvent,
            [.. ended.Where(entry => entry.State == DriftState.Gone)],
            entry => $"no longer: {Describe(entry.Difference)}",
            LogRepaired
        );
        try
        {
            await store.CommitAsync([
                .. ended.Take(KeptOneByOne).Concat(Rest(ended)).Select(entry => new StoreChange.DriftEnded(entry)),
            ]);
        }
        catch (StoreException failure)
        {
            LogNotStored(failure, ended.Count);
        }
    }

    // The rest as one entry, which says how many it stands for.
    private static IEnumerable<DriftEntry> Rest(IReadOnlyList<DriftEntry> ended)
    {
        if (ended.Count <= KeptOneByOne)
            return [];
        var last = ended[KeptOneByOne];
        var name = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{ended.Count - KeptOneByOne} more, {last.Difference.Name} first"
        );
        return [last with { Difference = last.Difference with { Name = name } }];
    }

    private void Tell(string type, IReadOnlyList<DriftEntry> entries, Func<DriftEntry, string> text, Action<string> log)
    {
        foreach (var entry in entries.Take(ToldOneByOne))
        {
            var message = text(entry);
            log(message);
            events.Publish(
                type,
                entry.Difference.Name,
                message,
                new Dictionary<string, string>
                {
                    ["object"] = DriftNames.Of(entry.Difference.Object),
                    ["owner"] = entry.Difference.Owner ?? DriftNames.Ours,
                    ["expected"] = entry.Difference.Expected,
                    ["found"] = entry.Difference.Found,
                }
            );
        }
        if (entries.Count <= ToldOneByOne)
            return;
        var more = $"{entries.Count - ToldOneByOne} more";
        log(more);
        events.Publish(type, "network", more);
    }

    private static string Describe(Difference difference) =>
        $"{DriftNames.Of(difference.Object)} {difference.Name}: expected {difference.Expected}, found {difference.Found}"
        + (difference.By is { } by ? $" (last changed by {by})" : "");

    private static string Whose(Difference difference) =>
        difference.Owner is { } owner ? $" ({owner}'s, left alone)" : "";

    private static string Advice(Difference difference) => difference.Advice is { } advice ? $"; {advice}" : "";

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host network: {Drift}")]
    private partial void LogDrift(string drift);

    [LoggerMessage(Level = LogLevel.Information, Message = "Host network: {Drift}")]
    private partial void LogRepaired(string drift);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The record of {Count} differences that have ended is not stored"
    )]
    private partial void LogNotStored(Exception failure, int count);
}
