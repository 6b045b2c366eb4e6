namespace MasterController.Core.HostNetwork.Drift;

/// <summary>
/// Which differences there are and since when. Ours are due for repair when two observations have found them, since one
/// alone may have met somebody's work half done; our table at once. Others' never are.
/// </summary>
internal sealed class DriftBook
{
    /// <summary>Observations that have to agree before something is repaired.</summary>
    internal const int ObservationsBeforeRepair = 2;

    private readonly Dictionary<(bool, DriftObject, string), DriftEntry> _open = [];

    /// <summary>What is there now, oldest first.</summary>
    internal IReadOnlyList<DriftEntry> Open =>
        [.. _open.Values.OrderBy(entry => entry.Since).ThenBy(entry => entry.Difference.Name, StringComparer.Ordinal)];

    internal int Count => _open.Count;

    /// <summary>Whether something waits for another observation, to be repaired then.</summary>
    internal bool IsWaiting => _open.Values.Any(entry => entry is { Difference.IsOurs: true, State: DriftState.Seen });

    /// <summary>What is to be repaired now.</summary>
    internal IReadOnlyList<Difference> Due =>
        [
            .. _open
                .Values.Where(entry =>
                    entry.Difference.IsOurs
                    && (entry.Difference.IsUrgent || entry.Observations >= ObservationsBeforeRepair)
                )
                .Select(entry => entry.Difference),
        ];

    /// <summary>Takes an observation in; what it did not look at stays as it is.</summary>
    /// <returns>Entries that are new, and those that are no longer there.</returns>
    internal (IReadOnlyList<DriftEntry> Begun, IReadOnlyList<DriftEntry> Ended) Take(
        NetworkObservation observation,
        DateTimeOffset now
    )
    {
        var found = new HashSet<(bool, DriftObject, string)>(observation.Differences.Count);
        var begun = new List<DriftEntry>();
        foreach (var difference in observation.Differences)
        {
            if (!found.Add(difference.Key))
                continue;
            if (_open.TryGetValue(difference.Key, out var known))
                _open[difference.Key] = known with { Difference = difference, Observations = known.Observations + 1 };
            else
                begun.Add(_open[difference.Key] = new DriftEntry(difference, now, 1, DriftState.Seen));
        }
        var ended = new List<DriftEntry>();
        foreach (var (key, entry) in _open)
            if (entry.Difference.Scope <= observation.Scope && !found.Contains(key))
                ended.Add(entry with { State = DriftState.Gone, Ended = now });
        foreach (var entry in ended)
            _open.Remove(entry.Difference.Key);
        return (begun, ended);
    }

    /// <summary>Takes in what became of repairs.</summary>
    /// <returns>Entries that have ended with it, and those that failed for a reason that was not told before.</returns>
    internal (IReadOnlyList<DriftEntry> Ended, IReadOnlyList<DriftEntry> Failed) Settle(
        IReadOnlyList<RepairOutcome> outcomes,
        DateTimeOffset now
    )
    {
        var ended = new List<DriftEntry>();
        var failed = new List<DriftEntry>();
        foreach (var outcome in outcomes)
        {
            if (!_open.TryGetValue(outcome.Difference.Key, out var entry))
                continue;
            if (outcome.Failure is { } failure)
            {
                if (entry.Failure != failure)
                    failed.Add(entry with { State = DriftState.Failed, Failure = failure });
                _open[outcome.Difference.Key] = entry with { State = DriftState.Failed, Failure = failure };
                continue;
            }
            _open.Remove(outcome.Difference.Key);
            ended.Add(
                entry with
                {
                    State = outcome.Changed ? DriftState.Repaired : DriftState.Gone,
                    Ended = now,
                    Failure = null,
                }
            );
        }
        return (ended, failed);
    }
}
