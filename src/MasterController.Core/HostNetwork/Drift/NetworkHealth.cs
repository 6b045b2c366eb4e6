namespace MasterController.Core.HostNetwork.Drift;

/// <summary>How the host network is, as the last comparisons found it.</summary>
/// <param name="Last">The last of all attachments; null before the first.</param>
/// <param name="Failure">Why the last comparison did not come off; null where it did.</param>
/// <param name="Open">What differs now.</param>
public sealed record NetworkHealth(
    NetworkObservation? Last,
    DateTimeOffset? LastAt,
    string? Failure,
    IReadOnlyList<DriftEntry> Open
);

/// <summary>What a repair that was asked for did, or would do.</summary>
/// <param name="Changes">In the order in which they are made.</param>
/// <param name="Ended">What was repaired; empty for a plan.</param>
/// <param name="Open">What still differs: others', and what failed.</param>
public sealed record RepairResult(
    IReadOnlyList<HostChange> Changes,
    IReadOnlyList<DriftEntry> Ended,
    IReadOnlyList<DriftEntry> Open
);
