using MasterController.Linux.Addresses;

namespace MasterController.Linux.Advertisements;

/// <summary>What a router tells everybody on a link (RFC 4861, 4.2).</summary>
/// <param name="Router">The hardware address that it is sent from, and that packets are to be sent to.</param>
/// <param name="Source">The router's link-local address, which becomes the default gateway.</param>
/// <param name="Prefix">
/// Who hears it makes an address in it (RFC 4862); other addresses in it are not on the link, but behind the router.
/// </param>
/// <param name="Mtu">Of the link, in bytes.</param>
/// <param name="Resolvers">Name servers (RFC 8106).</param>
public sealed record RouterAdvertisement(
    MacAddress Router,
    Ipv6Address Source,
    Ipv6Network Prefix,
    uint Mtu,
    IReadOnlyList<Ipv6Address> Resolvers
)
{
    /// <summary>In seconds, of the router and of the name servers: nine times the longest pause between two.</summary>
    public const ushort RouterLifetime = 1800;

    /// <summary>In seconds: AdvValidLifetime and AdvPreferredLifetime (RFC 4861, 6.2.1).</summary>
    public const uint ValidLifetime = 2_592_000,
        PreferredLifetime = 604_800;

    /// <summary>The longest that is sent: more name servers than fit are left out.</summary>
    public const int MostBytes = 512;

    /// <summary>Takes back what was told before: no router, no name servers, and the address is not to be used any more.</summary>
    public bool IsWithdrawal { get; init; }

    /// <summary>Writes the Ethernet frame; how many bytes it has.</summary>
    /// <param name="frame">At least <see cref="MostBytes"/>.</param>
    public int Write(Span<byte> frame)
    {
        var writer = new RouterAdvertisementWriter(frame);
        writer.Begin(Router, Source, IsWithdrawal ? (ushort)0 : RouterLifetime);
        writer.SourceLinkAddress(Router);
        writer.Mtu(Mtu);
        writer.Prefix(Prefix, IsWithdrawal ? 0 : ValidLifetime, IsWithdrawal ? 0 : PreferredLifetime);
        if (Resolvers.Count > 0)
            writer.Resolvers(Resolvers, IsWithdrawal ? 0u : RouterLifetime);
        return writer.End();
    }
}
