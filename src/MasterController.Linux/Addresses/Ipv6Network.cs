using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MasterController.Linux.Addresses;

/// <summary>An IPv6 prefix in CIDR form (RFC 4291, section 2.3). The address never has bits behind the prefix.</summary>
public readonly record struct Ipv6Network
{
    /// <exception cref="ArgumentException">The length is over 128, or the address has bits behind it.</exception>
    public Ipv6Network(Ipv6Address address, int prefixLength)
    {
        if (prefixLength is < 0 or > 128)
            throw new ArgumentOutOfRangeException(nameof(prefixLength), prefixLength, "0 to 128");
        if ((address.Value & ~MaskOf(prefixLength)) != 0)
            throw new ArgumentException($"{address}/{prefixLength} has host bits set", nameof(address));
        Address = address;
        PrefixLength = prefixLength;
    }

    public Ipv6Address Address { get; }

    public int PrefixLength { get; }

    public Ipv6Address Last => new(Address.Value | ~MaskOf(PrefixLength));

    public bool Contains(Ipv6Address address) => (address.Value & MaskOf(PrefixLength)) == Address.Value;

    public bool Contains(Ipv6Network other) => other.PrefixLength >= PrefixLength && Contains(other.Address);

    public bool Overlaps(Ipv6Network other) => Contains(other.Address) || other.Contains(Address);

    /// <summary>The network of <paramref name="prefixLength"/> that <paramref name="address"/> lies in.</summary>
    public static Ipv6Network Of(Ipv6Address address, int prefixLength) =>
        new(new Ipv6Address(address.Value & MaskOf(prefixLength)), prefixLength);

    public static Ipv6Network Parse(string text) =>
        TryParse(text, out var network, out var error) ? network : throw new FormatException(error);

    /// <summary>Reads "2001:db8:1250::/64"; on failure <paramref name="error"/> says what is wrong with the text.</summary>
    public static bool TryParse(string? text, out Ipv6Network network, [NotNullWhen(false)] out string? error)
    {
        network = default;
        var slash = text?.IndexOf('/') ?? -1;
        if (slash < 0 || !Ipv6Address.TryParse(text![..slash], out var address))
        {
            error = $"\"{text}\" is not an IPv6 prefix such as 2001:db8:1250::/64";
            return false;
        }
        var digits = text.AsSpan(slash + 1);
        if (
            !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var prefixLength)
            || (digits.Length > 1 && digits[0] == '0')
            || prefixLength > 128
        )
        {
            error = $"\"{text}\" has a prefix length that is not 0 to 128";
            return false;
        }
        var owner = Of(address, prefixLength);
        if (owner.Address != address)
        {
            error = $"\"{text}\" has host bits set; the prefix is {owner}";
            return false;
        }
        network = owner;
        error = null;
        return true;
    }

    public override string ToString() => $"{Address}/{PrefixLength}";

    private static UInt128 MaskOf(int prefixLength) =>
        prefixLength == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - prefixLength);
}
