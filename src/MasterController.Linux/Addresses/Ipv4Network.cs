using System.Diagnostics.CodeAnalysis;

namespace MasterController.Linux.Addresses;

/// <summary>An IPv4 network in CIDR form (RFC 4632). The address never has host bits.</summary>
public readonly record struct Ipv4Network
{
    /// <exception cref="ArgumentException">The prefix is over 32, or the address has bits behind it.</exception>
    public Ipv4Network(Ipv4Address address, int prefixLength)
    {
        if (prefixLength is < 0 or > 32)
            throw new ArgumentOutOfRangeException(nameof(prefixLength), prefixLength, "0 to 32");
        if ((address.Value & ~MaskOf(prefixLength)) != 0)
            throw new ArgumentException($"{address}/{prefixLength} has host bits set", nameof(address));
        Address = address;
        PrefixLength = prefixLength;
    }

    public Ipv4Address Address { get; }

    public int PrefixLength { get; }

    public Ipv4Address Mask => new(MaskOf(PrefixLength));

    /// <summary>The highest address: the broadcast address where the network has one.</summary>
    public Ipv4Address Last => new(Address.Value | ~MaskOf(PrefixLength));

    /// <summary>How many addresses, network and broadcast address included.</summary>
    public long Size => 1L << (32 - PrefixLength);

    public bool Contains(Ipv4Address address) => (address.Value & MaskOf(PrefixLength)) == Address.Value;

    public bool Contains(Ipv4Network other) => other.PrefixLength >= PrefixLength && Contains(other.Address);

    public bool Overlaps(Ipv4Network other) => Contains(other.Address) || other.Contains(Address);

    /// <summary>The network of <paramref name="prefixLength"/> that <paramref name="address"/> lies in.</summary>
    public static Ipv4Network Of(Ipv4Address address, int prefixLength) =>
        new(new Ipv4Address(address.Value & MaskOf(prefixLength)), prefixLength);

    public static Ipv4Network Parse(string text) =>
        TryParse(text, out var network, out var error) ? network : throw new FormatException(error);

    /// <summary>Reads "192.168.100.0/24"; on failure <paramref name="error"/> says what is wrong with the text.</summary>
    public static bool TryParse(string? text, out Ipv4Network network, [NotNullWhen(false)] out string? error)
    {
        network = default;
        var slash = text?.IndexOf('/') ?? -1;
        if (slash < 0 || !Ipv4Address.TryParse(text.AsSpan(0, slash), out var address))
        {
            error = $"\"{text}\" is not an IPv4 network such as 192.168.100.0/24";
            return false;
        }
        var digits = text.AsSpan(slash + 1);
        if (
            digits.Length is 0 or > 2
            || digits.ContainsAnyExceptInRange('0', '9')
            || (digits.Length == 2 && digits[0] == '0')
            || int.Parse(digits) > 32
        )
        {
            error = $"\"{text}\" has a prefix length that is not 0 to 32";
            return false;
        }
        var prefixLength = int.Parse(digits);
        var owner = Of(address, prefixLength);
        if (owner.Address != address)
        {
            error = $"\"{text}\" has host bits set; the network is {owner}";
            return false;
        }
        network = owner;
        error = null;
        return true;
    }

    public override string ToString() => $"{Address}/{PrefixLength}";

    private static uint MaskOf(int prefixLength) => prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);
}
