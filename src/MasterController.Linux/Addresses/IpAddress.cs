using System.Diagnostics.CodeAnalysis;

namespace MasterController.Linux.Addresses;

/// <summary>An address of either family. Those of different families are never equal, whatever their number.</summary>
/// <param name="Value">Of 32 or 128 bits.</param>
public readonly record struct IpAddress(bool IsIpv6, UInt128 Value) : IComparable<IpAddress>, IFormattable
{
    public static implicit operator IpAddress(Ipv4Address address) => new(IsIpv6: false, address.Value);

    public static implicit operator IpAddress(Ipv6Address address) => new(IsIpv6: true, address.Value);

    public static IpAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"\"{text}\" is not an IP address");

    public static bool TryParse([NotNullWhen(true)] string? text, out IpAddress address)
    {
        var isIpv4 = Ipv4Address.TryParse(text, out var ipv4);
        var isIpv6 = Ipv6Address.TryParse(text, out var ipv6);
        address = isIpv4 ? ipv4 : ipv6;
        return isIpv4 || isIpv6;
    }

    /// <summary>Of one that is IPv4.</summary>
    public Ipv4Address Ipv4 => new((uint)Value);

    /// <summary>Of one that is IPv6.</summary>
    public Ipv6Address Ipv6 => new(Value);

    /// <summary>IPv4 before IPv6.</summary>
    public int CompareTo(IpAddress other) =>
        IsIpv6 == other.IsIpv6 ? Value.CompareTo(other.Value) : IsIpv6.CompareTo(other.IsIpv6);

    /// <summary>4 or 16.</summary>
    public int Length => IsIpv6 ? 16 : 4;

    /// <summary>In network byte order.</summary>
    public void WriteBytes(Span<byte> destination)
    {
        if (IsIpv6)
            new Ipv6Address(Value).WriteBytes(destination);
        else
            new Ipv4Address((uint)Value).WriteBytes(destination);
    }

    public override string ToString() =>
        IsIpv6 ? new Ipv6Address(Value).ToString() : new Ipv4Address((uint)Value).ToString();

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();
}
