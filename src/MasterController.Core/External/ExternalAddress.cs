using System.Diagnostics.CodeAnalysis;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>A dedicated address of either family, as one key; IPv4 in order before IPv6.</summary>
public readonly record struct ExternalAddress : IComparable<ExternalAddress>
{
    private readonly UInt128 _value;

    public ExternalAddress(Ipv4Address address) => _value = address.Value;

    public ExternalAddress(Ipv6Address address) => (_value, IsIpv6) = (address.Value, true);

    public bool IsIpv6 { get; }

    /// <summary>"ipv4" or "ipv6".</summary>
    public string Kind => IsIpv6 ? KindOfIpv6 : KindOfIpv4;

    public Ipv4Address Ipv4 => IsIpv6 ? throw new InvalidOperationException($"{this} is IPv6") : new((uint)_value);

    public Ipv6Address Ipv6 => IsIpv6 ? new(_value) : throw new InvalidOperationException($"{this} is IPv4");

    public const string KindOfIpv4 = "ipv4";
    public const string KindOfIpv6 = "ipv6";

    public static ExternalAddress Parse(string text) =>
        TryParse(text, out var address)
            ? address
            : throw new FormatException($"\"{text}\" is neither an IPv4 nor an IPv6 address");

    public static bool TryParse([NotNullWhen(true)] string? text, out ExternalAddress address)
    {
        address = default;
        if (Ipv4Address.TryParse(text, out var ipv4))
            address = new(ipv4);
        else if (Ipv6Address.TryParse(text, out var ipv6))
            address = new(ipv6);
        else
            return false;
        return true;
    }

    public int CompareTo(ExternalAddress other) =>
        IsIpv6 == other.IsIpv6 ? _value.CompareTo(other._value) : IsIpv6.CompareTo(other.IsIpv6);

    public override string ToString() => IsIpv6 ? Ipv6.ToString() : Ipv4.ToString();
}
