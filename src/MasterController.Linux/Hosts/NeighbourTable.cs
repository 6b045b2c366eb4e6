using System.Globalization;

namespace MasterController.Linux.Hosts;

/// <summary>
/// How many IPv4 neighbour entries there are in all network namespaces, permanent ones among them. The kernel shows it in
/// the first namespace only, as it does with the thresholds (neigh_table_init in net/core/neighbour.c).
/// </summary>
public static class NeighbourTable
{
    /// <summary>The column "entries" of <c>/proc/net/stat/arp_cache</c>; null where the kernel does not say.</summary>
    public static long? CountEntries() =>
        // Not /proc/net, which is /proc/self/net: that of the process's first thread.
        ProcFile.TryRead("/proc/thread-self/net/stat/arp_cache")
            is { } text
            ? Parse(text)
            : null;

    // A line for each processor, in hexadecimal; the first column is the same in all.
    internal static long? Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return
            lines is [var head, var first, ..]
            && ProcFile.Words(head) is ["entries", ..]
            && ProcFile.Words(first) is [var entries, ..]
            && long.TryParse(entries, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var count)
            ? count
            : null;
    }
}
