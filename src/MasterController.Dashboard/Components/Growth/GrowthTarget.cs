using MasterController.Contracts;
using MasterController.Dashboard.Text;

namespace MasterController.Dashboard.Components.Growth;

/// <summary>A network that a pool may be grown to.</summary>
/// <param name="Addresses">That could be leased then, of a recommended one, else all of it; null where it is not known.</param>
/// <param name="IsRecommended">By the controller.</param>
public sealed record GrowthTarget(string Cidr, long? Addresses, bool IsRecommended)
{
    /// <summary>The largest network of private addresses (RFC 1918).</summary>
    private const string Largest = "10.0.0.0/8";

    public string Text =>
        (IsRecommended, Addresses) switch
        {
            (true, { } count) => $"{Format.Count(count)} to lease, recommended",
            (true, null) => "recommended",
            (false, { } count) => $"{Format.Count(count)} addresses in all",
            _ => "",
        };

    /// <summary>
    /// What the controller recommends, the /16 around the first range, and the largest private network. None is of public
    /// addresses, which are somebody else's.
    /// </summary>
    public static IReadOnlyList<GrowthTarget> Of(Pool pool, PoolCapacity? capacity)
    {
        List<GrowthTarget> targets = [];
        if (capacity?.ExpandTo is { } recommended)
            targets.Add(new GrowthTarget(recommended, capacity.ExpandGives, IsRecommended: true));
        if (pool.Ranges is not [var first, ..])
            return targets;
        if (Networks.IsPrivate(first.Cidr))
            Add(Networks.Around(first.Cidr, 16), capacity?.MaxWith16);
        if (pool.Ranges.All(r => r.Cidr != Largest))
            Add(Largest, capacity?.MaxWith8);
        return targets;

        void Add(string? cidr, long? addresses)
        {
            if (cidr is not null && targets.TrueForAll(t => t.Cidr != cidr))
                targets.Add(new GrowthTarget(cidr, addresses, IsRecommended: false));
        }
    }
}
