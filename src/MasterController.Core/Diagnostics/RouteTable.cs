using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Diagnostics;

/// <summary>A route of the host, default routes left out.</summary>
public sealed record HostRoute(Ipv4Network Network, string Interface);

/// <summary>Reads /proc/net/route (proc(5)): hexadecimal words in the machine's byte order.</summary>
public static class RouteTable
{
    public static IReadOnlyList<HostRoute> Read(string path = "/proc/net/route")
    {
        try
        {
            return Parse(File.ReadLines(path));
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Where the default route of the lowest metric leads; null where there is none.</summary>
    public static string? DefaultInterface(string path = "/proc/net/route")
    {
        try
        {
            return ParseDefault(File.ReadLines(path));
        }
        catch (IOException)
        {
            return null;
        }
    }

    internal static string? ParseDefault(IEnumerable<string> lines) =>
        Rows(lines)
            .Where(f => Word(f[1]).Value == 0 && Word(f[7]).Value == 0)
            .OrderBy(f => int.Parse(f[6], CultureInfo.InvariantCulture))
            .Select(f => f[0])
            .FirstOrDefault();

    public static IReadOnlyList<HostRoute> Parse(IEnumerable<string> lines) =>
        [
            .. Rows(lines)
                .Select(f => new HostRoute(Ipv4Network.Of(Word(f[1]), PrefixOf(Word(f[7]))), f[0]))
                .Where(r => r.Network.PrefixLength > 0),
        ];

    private static IEnumerable<string[]> Rows(IEnumerable<string> lines) =>
        lines
            .Skip(1)
            .Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length >= 8);

    private static Ipv4Address Word(string hex) =>
        new(BinaryPrimitives.ReverseEndianness(uint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));

    private static int PrefixOf(Ipv4Address mask) => BitOperations.PopCount(mask.Value);
}
