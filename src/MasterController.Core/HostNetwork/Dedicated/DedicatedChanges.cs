using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Words for changes of maps that have elements for guests' external access.</summary>
internal static class DedicatedChanges
{
    /// <summary>More elements of a map than these are told as a number.</summary>
    private const int ElementsTold = 20;

    internal static void Tell(
        List<HostChange> changes,
        HostChangeKind kind,
        DedicatedMap map,
        IReadOnlyList<Told> elements
    )
    {
        if (elements.Count > ElementsTold)
            changes.Add(Element(kind, map.Name, $"{elements.Count} elements", $"{elements[0].Text}, …"));
        else
            changes.AddRange(
                elements.Select(element =>
                    Element(kind, map.Name, element.Key, element.Text) with
                    {
                        Guest = element.Guest,
                    }
                )
            );
    }

    internal static HostChange Element(HostChangeKind kind, string map, string what, string elements)
    {
        var isAdded = kind == HostChangeKind.Add;
        return new(
            "nftables",
            kind,
            isAdded ? $"add {what} to {map}" : $"remove {what} from {map}",
            $"nft {(isAdded ? "add" : "delete")} element {FirewallRuleset.Table} {map} {{ {elements} }}"
        );
    }

    /// <summary>An element, as nft writes it.</summary>
    /// <param name="Guest">Whose it is; null where that is not known.</param>
    internal readonly record struct Told(Ipv4Address? Guest, string Key, string Text);
}
