using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>What a guest is known by where policies and limits are concerned: its address, and its IPv6 if it has one.</summary>
internal static class GuestAddresses
{
    internal static IEnumerable<IpAddress> Of(Attachment attachment) =>
        attachment.RoutedIpv6 is { } ipv6 ? [attachment.Address, ipv6] : [attachment.Address];

    /// <summary>Whose IPv6 addresses they are.</summary>
    internal static Dictionary<Ipv6Address, Ipv4Address> OwnersOf(IEnumerable<Attachment> attachments)
    {
        var owners = new Dictionary<Ipv6Address, Ipv4Address>();
        foreach (var attachment in attachments)
            if (attachment.RoutedIpv6 is { } ipv6)
                owners[ipv6] = attachment.Address;
        return owners;
    }

    internal static NftData KeyOf(IpAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteBytes(bytes);
        return NftData.FromBytes(bytes[..address.Length]);
    }

    internal static IpAddress Read(NftData key) => key.Length == sizeof(uint) ? key.AsIpv4 : key.AsIpv6;
}
