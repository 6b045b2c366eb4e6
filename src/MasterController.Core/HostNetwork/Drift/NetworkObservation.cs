namespace MasterController.Core.HostNetwork.Drift;

/// <summary>How much is compared.</summary>
public enum ObservationScope
{
    None,

    /// <summary>Forwarding, gateways, our nftables table, others' rules: the same price whatever VMs there are.</summary>
    Host,

    /// <summary>The attachments as well, and others' networks.</summary>
    All,
}

/// <summary>What a comparison of the kernel with the desired state found; nothing was changed.</summary>
/// <param name="Took">How long it took.</param>
/// <param name="Desired">Attachments that should be.</param>
/// <param name="Present">Those of them whose TAP is there; null where they were not looked at.</param>
/// <param name="Differences">All, ours and others'; what was changed meanwhile by ourselves is not among them.</param>
public sealed record NetworkObservation(
    ObservationScope Scope,
    TimeSpan Took,
    int Desired,
    int? Present,
    IReadOnlyList<Difference> Differences
)
{
    public static NetworkObservation Nothing { get; } = new(ObservationScope.All, TimeSpan.Zero, 0, 0, []);
}

/// <summary>What became of a difference that was to be repaired.</summary>
/// <param name="Failure">Why it is still there; null where it is right now.</param>
/// <param name="Changed">Whether something had to be done: what was right again, or is no longer desired, is left alone.</param>
public sealed record RepairOutcome(Difference Difference, bool Changed, string? Failure);
