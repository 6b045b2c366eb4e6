using System.Diagnostics;
using System.Globalization;

namespace MasterController.Bench.Subjects;

/// <summary>The index that SQLite keeps beside its write-ahead log (https://www.sqlite.org/walformat.html).</summary>
internal static class WalIndex
{
    /// <summary>
    /// How many transactions there have been, from an arbitrary beginning: "iChange", bytes 8 to 11 of the header. Read
    /// by another process, because closing a file here would drop the locks that SQLite has on it (fcntl(2)).
    /// </summary>
    public static async Task<uint> TransactionsAsync(string file)
    {
        var start = new ProcessStartInfo("od", ["-A", "n", "-t", "u4", "-j", "8", "-N", "4", $"{file}-shm"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return uint.Parse(
            text,
            NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture
        );
    }
}
