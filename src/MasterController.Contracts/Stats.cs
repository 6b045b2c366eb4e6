namespace MasterController.Contracts;

/// <summary><c>GET /api/v1/stats</c>: everything that a front page shows, of one moment.</summary>
/// <param name="Pools">In the order of their names; each with its ranges and the fullest and emptiest /24s.</param>
/// <param name="Capacity">What pools may become; in the order of <paramref name="Pools"/>.</param>
/// <param name="Alerts">Worst first; the same conditions as the Prometheus rules in packaging/.</param>
public sealed record Stats(
    DateTimeOffset Time,
    IReadOnlyList<PoolStats> Pools,
    IReadOnlyList<PoolCapacity> Capacity,
    VmStats Vms,
    ExternalStats External,
    OperationStats Operations,
    ReconcileStats Reconcile,
    IReadOnlyList<Alert> Alerts
);

/// <summary>What a pool has and may become by growing its first range.</summary>
/// <param name="Current">Addresses that can be leased: total − reserved.</param>
/// <param name="MaxWith16">Addresses of the /16 around it; <paramref name="MaxWith8"/> likewise.</param>
/// <param name="Recommendation">One sentence for an operator.</param>
/// <param name="ExpandTo">The network to expand to; null where there is no need, or nothing larger.</param>
/// <param name="ExpandGives">Addresses that could be leased then; null as <paramref name="ExpandTo"/> is.</param>
public sealed record PoolCapacity(
    string Pool,
    long Current,
    long MaxWith16,
    long MaxWith8,
    string Recommendation,
    string? ExpandTo,
    long? ExpandGives
);

/// <param name="ByStatus">"running", "stopped", …; those that no VM has are left out, as in the others.</param>
/// <param name="Vcpus">Of VMs that are not stopped or failed; <paramref name="MemoryMib"/> likewise.</param>
public sealed record VmStats(
    int Total,
    IReadOnlyDictionary<string, int> ByStatus,
    IReadOnlyList<VmTypeStats> ByType,
    IReadOnlyDictionary<string, int> ByPool,
    int Vcpus,
    long MemoryMib
);

/// <param name="Running">Of <paramref name="Total"/>.</param>
public sealed record VmTypeStats(string Type, int Total, int Running, int Stopped, int Failed);

/// <param name="PublicIp">The host's address on the uplink; null where it has none.</param>
public sealed record ExternalStats(
    string? PublicIp,
    string? Ipv6Prefix,
    int DedicatedIpv6,
    int PublicIpv4Used,
    int Forwards
);

/// <param name="Failed">Ended without success in the last 24 hours, of those that are remembered.</param>
public sealed record OperationStats(int Running, int Failed, int RolledBack);

/// <param name="At">When the last comparison had ended; null before the first, and in mode "none".</param>
/// <param name="Error">Why the last did not come off.</param>
public sealed record ReconcileStats(DateTimeOffset? At, double? AgeSeconds, int Ours, int Foreign, string? Error);

/// <param name="Code">Stable: "pool-threshold", "pool-full-soon", "vms-failed", "drift", "reconcile-stale", "store-slow".</param>
/// <param name="Severity">"critical" or "warning".</param>
/// <param name="Subject">The pool, VM or object that it is about.</param>
/// <param name="Fix">One line; null where there is none.</param>
public sealed record Alert(string Code, string Severity, string Subject, string Message, string? Fix);
