using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>Words for changes of sets and maps that have an element for each guest.</summary>
/// <param name="owners">Whose IPv6 addresses they are; one that is not among them is nobody's.</param>
internal sealed class GuestChanges(List<HostChange> changes, IReadOnlyDictionary<Ipv6Address, Ipv4Address> owners)
{
    /// <summary>More guests than these are told as a number.</summary>
    private const int GuestsTold = 20;

    /// <param name="elements">Each with its guest's address, as nft writes it.</param>
    internal void Tell(HostChangeKind kind, string set, IReadOnlyList<(IpAddress Address, string Text)> elements)
    {
        if (elements.Count > GuestsTold)
            changes.Add(Of(kind, set, $"{elements.Count} guests", $"{elements[0].Text}, …"));
        else
            changes.AddRange(
                elements.Select(element =>
                    Of(kind, set, element.Address.ToString(), element.Text) with
                    {
                        Guest = OwnerOf(element.Address),
                    }
                )
            );
    }

    private Ipv4Address? OwnerOf(IpAddress address) =>
        !address.IsIpv6 ? new Ipv4Address((uint)address.Value)
        : owners.TryGetValue(new Ipv6Address(address.Value), out var owner) ? owner
        : null;

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
