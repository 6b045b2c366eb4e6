namespace MasterController.Core.HostNetwork.Drift;

public enum DriftState
{
    /// <summary>Seen, and not repaired: another's, or not seen often enough.</summary>
    Seen,

    /// <summary>Could not be repaired; tried again at each observation.</summary>
    Failed,

    Repaired,

    /// <summary>It was no longer there: somebody else set it right, or it is no longer desired.</summary>
    Gone,
}

/// <summary>A difference over time.</summary>
/// <param name="Since">When it was first observed.</param>
/// <param name="Observations">In how many comparisons it was found.</param>
/// <param name="Ended">Null while it is there.</param>
/// <param name="Failure">Why it could not be repaired.</param>
public sealed record DriftEntry(
    Difference Difference,
    DateTimeOffset Since,
    int Observations,
    DriftState State,
    DateTimeOffset? Ended = null,
    string? Failure = null
);
