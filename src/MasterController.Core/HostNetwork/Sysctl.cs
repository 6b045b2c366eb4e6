using System.Globalization;
using MasterController.Linux.Files;

namespace MasterController.Core.HostNetwork;

/// <summary>Numbers under /proc/sys. Those of the network are of the calling thread's namespace.</summary>
internal static class Sysctl
{
    /// <summary><c>sysctl -n KEY</c>; null where there is no such key.</summary>
    /// <param name="key">With slashes: "net/ipv4/ip_forward".</param>
    internal static long? Read(string key)
    {
        try
        {
            var text = File.ReadAllText($"/proc/sys/{key}").AsSpan().Trim();
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                ? value
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary><c>sysctl -w KEY=VALUE</c></summary>
    /// <exception cref="IOException">No such key, no CAP_NET_ADMIN, or /proc is read-only; the message names the key.</exception>
    internal static void Write(string key, int value)
    {
        Span<byte> digits = stackalloc byte[11];
        value.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        KernelFile.Write($"/proc/sys/{key}", digits[..length]);
    }
}
