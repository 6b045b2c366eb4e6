using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MasterController.Dashboard.Text;

/// <summary>IPv4 networks as the API writes them.</summary>
public static class Networks
{
    private static readonly IPNetwork[] _private =
    [
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
    ];

    /// <summary>Whether all of it is private addresses (RFC 1918).</summary>
    public static bool IsPrivate(string cidr) =>
        IPNetwork.TryParse(cidr, out var network)
        && _private.Any(p => p.PrefixLength <= network.PrefixLength && p.Contains(network.BaseAddress));

    /// <summary>The network of this prefix length around another one; null where that is not smaller, or not IPv4.</summary>
    public static string? Around(string cidr, int prefix)
    {
        if (!IPNetwork.TryParse(cidr, out var network) || network.PrefixLength <= prefix)
            return null;
        if (network.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
            return null;
        Span<byte> bytes = stackalloc byte[4];
        network.BaseAddress.TryWriteBytes(bytes, out _);
        var mask = prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);
        BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) & mask);
        return $"{new IPAddress(bytes)}/{prefix}";
    }
}
