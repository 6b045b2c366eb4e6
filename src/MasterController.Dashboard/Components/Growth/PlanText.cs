using System.Globalization;
using MasterController.Contracts;

namespace MasterController.Dashboard.Components.Growth;

/// <summary>What a plan or its operation says, taken apart for a page.</summary>
internal static class PlanText
{
    private const string ConfirmStep = "wait for confirmation";
    private const string RetireGateway = "retire-gateway";
    private const string ConfirmBy = "unless confirmed by ";

    /// <summary>What has to be typed: the network that the pool becomes, else the pool's name.</summary>
    public static string Typed(PoolPlan plan)
    {
        string[] before = [.. plan.RangesBefore.Select(r => r.Cidr)];
        var becomes =
            plan.RangesAfter.FirstOrDefault(r => !before.Contains(r.Cidr)) ?? plan.RangesAfter.FirstOrDefault();
        return becomes?.Cidr ?? plan.Pool;
    }

    public static bool IsRunning(Operation operation) => operation.Status == "running";

    public static bool AwaitsConfirmation(Operation operation) =>
        IsRunning(operation) && operation.Steps.Any(s => s is { Name: ConfirmStep, Status: "running" });

    /// <summary>When it is rolled back by itself; null where it is not said.</summary>
    public static DateTimeOffset? ConfirmedBy(Operation operation)
    {
        if (
            operation.Detail is not { } detail
            || detail.IndexOf(ConfirmBy, StringComparison.Ordinal) is not (>= 0 and var at)
        )
            return null;
        var text = detail[(at + ConfirmBy.Length)..];
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var by) ? by : null;
    }

    /// <summary>The definition that taking back an operation leads to; null, and why not, where it cannot be taken back.</summary>
    public static (PoolVersion? Before, string? Why) Undo(IReadOnlyList<PoolVersion> versions, string operation)
    {
        if (versions.LastOrDefault(v => v.Operation == operation) is not { } made)
            return (null, "This change made no definition of the pool that could be taken back.");
        // That a former gateway is not needed any more is no change that somebody asked for.
        if (versions.LastOrDefault(v => v.Version > made.Version && v.Action != RetireGateway) is { } later)
            return (null, $"The pool has changed since, by version {later.Version} ({later.Action}).");
        var before = versions.LastOrDefault(v => v.Version < made.Version);
        return (before, before is null ? "There is no definition before this one." : null);
    }
}
