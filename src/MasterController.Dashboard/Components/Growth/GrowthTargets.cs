using MasterController.Contracts;
using MasterController.Dashboard.Text;

namespace MasterController.Dashboard.Components.Growth;

/// <summary>A network that a pool may be grown to.</summary>
/// <param name="Addresses">That could be leased then, of a recommended one, else all of it; null where it is not known.</param>
/// <param name="IsRecommended">By the controller.</param>
public sealed record GrowthTarget(string Cidr, long? Addresses, bool IsRecommended)
{
    public string Text =>
        (IsRecommended, Addresses) switch
        {
            (true, { } count) => $"{Format.Count(count)} to lease, recommended",
            (true, null) => "recommended",
            (false, { } count) => $"{Format.Count(count)} addresses in all",
            _ => "",
        };

    /// <summary>What the controller recommends, then the /16 and the /8 around the first range, smallest first.</summary>
    public static IReadOnlyList<GrowthTarget> Of(Pool pool, PoolCapacity? capacity)
    {
        List<GrowthTarget> targets = [];
        if (capacity?.ExpandTo is { } recommended)
            targets.Add(new GrowthTarget(recommended, capacity.ExpandGives, IsRecommended: true));
        if (pool.Ranges is not [var first, ..])
            return targets;
        Add(Networks.Around(first.Cidr, 16), capacity?.MaxWith16);
        Add(Networks.Around(first.Cidr, 8), capacity?.MaxWith8);
        return targets;

        void Add(string? cidr, long? addresses)
        {
            if (cidr is not null && targets.TrueForAll(t => t.Cidr != cidr))
                targets.Add(new GrowthTarget(cidr, addresses, IsRecommended: false));
        }
    }
}
