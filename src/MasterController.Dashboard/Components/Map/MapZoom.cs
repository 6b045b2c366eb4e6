using MasterController.Dashboard.Text;

namespace MasterController.Dashboard.Components.Map;

/// <summary>The levels of the map: the whole of a pool, /16s and /24s in it.</summary>
public static class MapZoom
{
    private static readonly int[] _levels = [8, 16, 24];

    /// <summary>The next smaller network around an address; null where its addresses are single cells that one can hit.</summary>
    public static Cidr? Into(Cidr shown, uint address)
    {
        foreach (var level in _levels)
        {
            if (level > shown.Prefix)
                return Cidr.Around(address, level);
        }
        return null;
    }

    /// <summary>The networks from the whole down to what is shown.</summary>
    public static IReadOnlyList<Cidr> Trail(Cidr whole, Cidr shown)
    {
        List<Cidr> trail = [whole];
        foreach (var level in _levels)
        {
            if (level > whole.Prefix && level < shown.Prefix)
                trail.Add(Cidr.Around(shown.First, level));
        }
        if (shown != whole)
            trail.Add(shown);
        return trail;
    }

    /// <summary>Where an address is one cell that is large enough to be seen.</summary>
    public static Cidr Near(Cidr whole, uint address) =>
        whole.Prefix >= 24 && whole.Contains(address) ? whole : Cidr.Around(address, 24);
}
