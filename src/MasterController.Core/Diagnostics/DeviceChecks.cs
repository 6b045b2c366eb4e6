using System.Runtime.InteropServices;

namespace MasterController.Core.Diagnostics;

/// <param name="TunError">Why /dev/net/tun cannot be opened; null when it can.</param>
/// <param name="NfTables">Whether the kernel has nf_tables, as a module or built in.</param>
/// <param name="LibNftables">Whether libnftables.so.1 can be loaded.</param>
public sealed record DeviceFacts(string? TunError, bool NfTables, bool LibNftables)
{
    public static DeviceFacts Read() => new(OpenError("/dev/net/tun"), HasNfTables(), HasLibrary());

    /// <summary>Why a device cannot be opened for reading and writing; null when it can.</summary>
    public static string? OpenError(string path)
    {
        try
        {
            using var device = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }

    /// <summary>Loaded, or there to be loaded, or built in (modules.builtin, kmod(8)).</summary>
    private static bool HasNfTables()
    {
        if (Directory.Exists("/sys/module/nf_tables"))
            return true;
        try
        {
            var modules = "/lib/modules/" + File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
            return File.ReadLines(Path.Combine(modules, "modules.dep"))
                .Concat(File.ReadLines(Path.Combine(modules, "modules.builtin")))
                .Any(l => l.Contains("/nf_tables.ko", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool HasLibrary()
    {
        if (!NativeLibrary.TryLoad("libnftables.so.1", out var handle))
            return false;
        NativeLibrary.Free(handle);
        return true;
    }
}

/// <summary>Devices, kernel modules and libraries that attachments are made with.</summary>
public static class DeviceChecks
{
    /// <param name="routed">In mode "none" the host network is left alone.</param>
    public static IReadOnlyList<Finding> Check(DeviceFacts facts, bool routed) =>
        routed
            ?
            [
                facts.TunError is null
                    ? Finding.Pass("dev-net-tun", "/dev/net/tun opens")
                    : Finding.Fail("dev-net-tun", $"/dev/net/tun: {facts.TunError}", "modprobe tun"),
                facts.NfTables
                    ? Finding.Pass("nf-tables", "the kernel has nf_tables")
                    : Finding.Fail("nf-tables", "the kernel has no nf_tables", "modprobe nf_tables"),
                facts.LibNftables
                    ? Finding.Pass("libnftables", "libnftables is installed")
                    : Finding.Fail("libnftables", "libnftables.so.1 is missing", "apt-get install libnftables1"),
            ]
            :
            [
                Finding.Skip("dev-net-tun", "network.mode is none"),
                Finding.Skip("nf-tables", "network.mode is none"),
                Finding.Skip("libnftables", "network.mode is none"),
            ];
}
