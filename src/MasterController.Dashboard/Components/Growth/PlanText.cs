using System.Globalization;
using MasterController.Contracts;

namespace MasterController.Dashboard.Components.Growth;

/// <summary>What a plan or its operation says, taken apart for a page.</summary>
internal static class PlanText
{
    private const string ConfirmStep = "wait for confirmation";
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

    /// <summary>The definition before the one that an operation made; null where it made none, or the first.</summary>
    public static PoolVersion? Before(IReadOnlyList<PoolVersion> versions, string operation) =>
        versions.LastOrDefault(v => v.Operation == operation) is { } made
            ? versions.LastOrDefault(v => v.Version < made.Version)
            : null;
}
