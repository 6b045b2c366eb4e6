using System.Runtime.InteropServices;

namespace MasterController.Core.Diagnostics;

/// <param name="TunError">Why /dev/net/tun cannot be opened; null when it can.</param>
/// <param name="NfTables">Whether the kernel has nf_tables, as a module or built in; null where it cannot be found out.</param>
/// <param name="LibNftables">Whether libnftables.so.1 can be loaded.</param>
public sealed record DeviceFacts(string? TunError, bool? NfTables, bool LibNftables)
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

    /// <summary>In the kernel now (proc(5), kallsyms), or there to be loaded (kmod(8)); null where neither can be read.</summary>
    private static bool? HasNfTables()
    {
        try
        {
            if (File.ReadLines("/proc/kallsyms").Any(l => l.Contains(" nft_do_chain", StringComparison.Ordinal)))
                return true;
            var release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
            return File.ReadLines($"/lib/modules/{release}/modules.dep")
                .Any(l => l.Contains("/nf_tables.ko", StringComparison.Ordinal));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
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
                facts.NfTables switch
                {
                    true => Finding.Pass("nf-tables", "the kernel has nf_tables"),
                    false => Finding.Fail("nf-tables", "the kernel has no nf_tables", "modprobe nf_tables"),
                    null => Finding.Skip("nf-tables", "neither kernel symbols nor modules can be read"),
                },
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
