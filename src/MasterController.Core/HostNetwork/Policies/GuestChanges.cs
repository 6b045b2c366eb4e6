using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>Words for changes of sets and maps that have an element for each guest.</summary>
internal static class GuestChanges
{
    /// <summary>More guests than these are told as a number.</summary>
    private const int GuestsTold = 20;

    /// <param name="elements">As nft writes them, each beginning with the guest's address.</param>
    internal static void Tell(List<HostChange> changes, HostChangeKind kind, string set, IReadOnlyList<string> elements)
    {
        if (elements.Count > GuestsTold)
            changes.Add(Of(kind, set, $"{elements.Count} guests", $"{elements[0]}, …"));
        else
            changes.AddRange(
                elements.Select(element =>
                    Of(kind, set, element.Split(' ')[0], element) with
                    {
                        Guest = Ipv4Address.Parse(element.Split(' ')[0]),
                    }
                )
            );
    }

    private static HostChange Of(HostChangeKind kind, string set, string what, string elements) =>
        kind == HostChangeKind.Add
            ? new(
                "nftables",
                kind,
                $"add {what} to {set}",
                $"nft add element {FirewallRuleset.Table} {set} {{ {elements} }}"
            )
            : new(
                "nftables",
                kind,
                $"remove {what} from {set}",
                $"nft delete element {FirewallRuleset.Table} {set} {{ {elements} }}"
            );
}
