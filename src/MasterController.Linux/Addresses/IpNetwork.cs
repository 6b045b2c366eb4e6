using System.Diagnostics.CodeAnalysis;

namespace MasterController.Linux.Addresses;

/// <summary>A network of either family; those of different families have nothing in common.</summary>
public readonly record struct IpNetwork
{
    private IpNetwork(IpAddress address, int prefixLength) => (Address, PrefixLength) = (address, prefixLength);

    public static implicit operator IpNetwork(Ipv4Network network) => new(network.Address, network.PrefixLength);

    public static implicit operator IpNetwork(Ipv6Network network) => new(network.Address, network.PrefixLength);

    /// <summary>Its first one.</summary>
    public IpAddress Address { get; }

    public int PrefixLength { get; }

    public bool IsIpv6 => Address.IsIpv6;

    /// <summary>Of one address alone.</summary>
    public bool IsSingle => PrefixLength == Bits;

    public bool Contains(IpAddress address) =>
        address.IsIpv6 == IsIpv6
        && (PrefixLength == 0 || (address.Value ^ Address.Value) >> (Bits - PrefixLength) == 0);

    public bool Contains(IpNetwork other) => other.PrefixLength >= PrefixLength && Contains(other.Address);

    public static IpNetwork Parse(string text) =>
        TryParse(text, out var network, out var error) ? network : throw new FormatException(error);

    /// <summary>On failure <paramref name="error"/> says what is wrong with the text: one with a colon is of IPv6.</summary>
    public static bool TryParse(string? text, out IpNetwork network, [NotNullWhen(false)] out string? error)
    {
        if (text?.Contains(':') == true)
        {
            var isIpv6 = Ipv6Network.TryParse(text, out var ipv6, out error);
            network = ipv6;
            return isIpv6;
        }
        var isIpv4 = Ipv4Network.TryParse(text, out var ipv4, out error);
        network = ipv4;
        return isIpv4;
    }

    public override string ToString() => $"{Address}/{PrefixLength}";

    private int Bits => Address.Length * 8;
}
