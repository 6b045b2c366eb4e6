using System.Globalization;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>
/// From a guest's IPv4 address to its IPv6 address in the prefix: no two guests' are the same, and it is the same whatever
/// the pool grows to.
/// </summary>
/// <param name="prefix">/48 to /112.</param>
public sealed class Ipv6Mapping(Ipv6Network prefix)
{
    public const int Shortest = 48,
        Longest = 112;

    private const int OfLastHextets = 64,
        OfWholeIpv4 = 96;

    /// <summary>Where the derived address is another's: hextets that no decimal digits make.</summary>
    private const int FirstReplacement = 0xf000,
        LastReplacement = 0xf00f;

    private static readonly Ipv4Network _shortened = Ipv4Network.Parse("192.168.0.0/16");

    public Ipv6Network Prefix => prefix;

    /// <summary>
    /// To /64: the decimal digits of the IPv4 address as hextets, the last two alone for 192.168.0.0/16 (192.168.100.2 is
    /// PREFIX::100:2, 10.1.2.3 is PREFIX::10:1:2:3). To /96: the IPv4 address as the low 32 bits. Longer: as many of its low
    /// bits as there is room for.
    /// </summary>
    public Ipv6Address Of(Ipv4Address address) =>
        prefix.PrefixLength switch
        {
            <= OfLastHextets when _shortened.Contains(address) => WithLow(
                (Hextet(address, 8) << 16) | Hextet(address, 0)
            ),
            <= OfLastHextets => WithLow(
                (Hextet(address, 24) << 48)
                    | (Hextet(address, 16) << 32)
                    | (Hextet(address, 8) << 16)
                    | Hextet(address, 0)
            ),
            <= OfWholeIpv4 => WithLow(address.Value),
            _ => WithLow(address.Value & (uint.MaxValue >> (prefix.PrefixLength - OfWholeIpv4))),
        };

    /// <summary><see cref="Of"/>, then what is taken in its place where it is not to be had, in this order.</summary>
    public IEnumerable<Ipv6Address> Candidates(Ipv4Address address)
    {
        yield return Of(address);
        if (prefix.PrefixLength > OfLastHextets)
            yield break;
        for (var hextet = FirstReplacement; hextet <= LastReplacement; hextet++)
            yield return WithLow(((ulong)hextet << 48) | address.Value);
    }

    /// <summary>What a guest with that MAC makes of an advertised prefix by itself (SLAAC, RFC 4862); of a /64 alone.</summary>
    public Ipv6Address? OfAdvertised(MacAddress mac) =>
        prefix.PrefixLength == OfLastHextets ? WithLow(Eui64.InterfaceId(mac)) : null;

    /// <summary>Why these networks' addresses cannot all have one of their own; null where they can.</summary>
    public string? ReasonAgainst(IReadOnlyCollection<Ipv4Network> networks)
    {
        if (prefix.PrefixLength <= OfWholeIpv4 || networks.Count == 0)
            return null;
        var length = prefix.PrefixLength - OfWholeIpv4;
        var room = Ipv4Network.Of(networks.First().Address, length);
        return networks.All(room.Contains)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{prefix} is too small for {string.Join(", ", networks)}: the low {32 - length} bits of IPv4 addresses have to "
                    + $"tell all guests apart, so that all pools lie in one IPv4 network of /{length}; a prefix of /96 or shorter fits any pool"
            );
    }

    private Ipv6Address WithLow(ulong low) => new(prefix.Address.Value | low);

    /// <summary>One byte, its decimal digits read as hexadecimal ones: 100 is 0x100.</summary>
    private static ulong Hextet(Ipv4Address address, int shift)
    {
        var number = (address.Value >> shift) & 0xff;
        return ((number / 100) << 8) | ((number / 10 % 10) << 4) | (number % 10);
    }
}
