using System.Diagnostics;

namespace MasterController.Core.PoolChanges;

/// <summary>Actions as the API, the history and the kinds of operations write them.</summary>
public static class PoolActionName
{
    private const string KindPrefix = "pool.";

    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<PoolAction>().Select(Of)];

    /// <summary>"expand", "add-range", …</summary>
    public static string Of(PoolAction action) =>
        action switch
        {
            PoolAction.Expand => "expand",
            PoolAction.Shrink => "shrink",
            PoolAction.AddRange => "add-range",
            PoolAction.RemoveRange => "remove-range",
            PoolAction.Drain => "drain",
            PoolAction.Undrain => "undrain",
            PoolAction.Reserve => "reserve",
            PoolAction.Unreserve => "unreserve",
            PoolAction.Rollback => "rollback",
            _ => throw new UnreachableException(),
        };

    public static bool TryParse(string? name, out PoolAction action)
    {
        foreach (var candidate in Enum.GetValues<PoolAction>())
        {
            action = candidate;
            if (Of(candidate) == name)
                return true;
        }
        action = default;
        return false;
    }

    /// <summary>The kind of the operation that carries an action out: "pool.expand".</summary>
    public static string KindOf(PoolAction action) => KindPrefix + Of(action);

    public static bool IsKind(string kind) => kind.StartsWith(KindPrefix, StringComparison.Ordinal);
}
