using System.Diagnostics;

namespace MasterController.Core.Addressing;

/// <summary>The strategies by the names that operators write.</summary>
public static class StrategyName
{
    private static readonly AllocationStrategy[] _all = Enum.GetValues<AllocationStrategy>();

    public static IReadOnlyList<string> Names { get; } = [.. _all.Select(Of)];

    /// <summary>Every name, for people: "lowest-free", "next", …</summary>
    public static string All => string.Join(", ", Names.Select(name => $"\"{name}\""));

    public static string Of(AllocationStrategy strategy) =>
        strategy switch
        {
            AllocationStrategy.LowestFree => "lowest-free",
            AllocationStrategy.Next => "next",
            AllocationStrategy.Random => "random",
            AllocationStrategy.LeastRecentlyUsed => "least-recently-used",
            _ => throw new UnreachableException(),
        };

    /// <summary>Null where no strategy has the name.</summary>
    public static AllocationStrategy? Parse(string name)
    {
        foreach (var strategy in _all)
        {
            if (Of(strategy) == name)
                return strategy;
        }
        return null;
    }
}
