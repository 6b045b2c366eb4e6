namespace MasterController.Core.Statistics;

/// <summary>Something that an operator is to look at.</summary>
/// <param name="Code">One of the constants; part of the API.</param>
/// <param name="Subject">The pool, VM or object that it is about.</param>
/// <param name="Fix">One line; null where there is none.</param>
public sealed record Alert(string Code, AlertSeverity Severity, string Subject, string Message, string? Fix)
{
    public const string PoolThreshold = "pool-threshold";
    public const string PoolFullSoon = "pool-full-soon";
    public const string VmsFailed = "vms-failed";
    public const string Drift = "drift";
    public const string ReconcileStale = "reconcile-stale";
    public const string StoreSlow = "store-slow";
}

public enum AlertSeverity
{
    Warning,
    Critical,
}
