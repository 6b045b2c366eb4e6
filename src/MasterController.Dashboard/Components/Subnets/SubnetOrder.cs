using MasterController.Contracts;

namespace MasterController.Dashboard.Components.Subnets;

/// <summary>Orders of the table, and what of <see cref="PoolStats"/> they show.</summary>
public static class SubnetOrder
{
    public const string Address = "address";
    public const string Fullest = "fullest";
    public const string Emptiest = "emptiest";

    public static IReadOnlyList<(string Value, string Text)> All { get; } =
    [(Address, "Address"), (Fullest, "Fullest first"), (Emptiest, "Emptiest first")];

    public static IReadOnlyList<SubnetStats> Hottest(PoolStats stats, int most) => [.. stats.Top.Take(most)];

    /// <summary>The bottom has none that is among the top: where that reaches down, its end comes next.</summary>
    public static IReadOnlyList<SubnetStats> Coldest(PoolStats stats, int most) =>
        [.. stats.Bottom.Concat(stats.Top.Reverse()).Take(most)];
}
