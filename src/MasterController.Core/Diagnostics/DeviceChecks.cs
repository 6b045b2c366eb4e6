using System.Runtime.InteropServices;
using MasterController.Core.HostNetwork;

namespace MasterController.Core.Diagnostics;

/// <summary>Devices, kernel modules and libraries that attachments are made with.</summary>
internal static class DeviceChecks
{
    public static readonly string[] Codes = ["dev-net-tun", "nf-tables", "libnftables"];

    /// <summary>Whether libnftables.so.1 can be loaded.</summary>
    public static bool HasLibrary()
    {
        if (!NativeLibrary.TryLoad("libnftables.so.1", out var handle))
            return false;
        NativeLibrary.Free(handle);
        return true;
    }

    /// <param name="running">A controller that runs has nftables open already, whatever a second caller is told.</param>
    public static IReadOnlyList<Finding> Check(HostNetworkFacts facts, bool hasLibrary, bool running) =>
        [
            facts.TunProblem is null
                ? Finding.Pass("dev-net-tun", "/dev/net/tun opens")
                : Finding.Fail("dev-net-tun", $"/dev/net/tun: {facts.TunProblem}", "modprobe tun"),
            Nftables(facts.NftablesProblem, hasLibrary, running),
            hasLibrary
                ? Finding.Pass("libnftables", "libnftables is installed")
                : Finding.Fail("libnftables", "libnftables.so.1 is missing", "apt-get install libnftables1"),
        ];

    private static Finding Nftables(string? problem, bool hasLibrary, bool running) =>
        (problem, hasLibrary, running) switch
        {
            (null, _, _) => Finding.Pass("nf-tables", "nftables answers"),
            (_, false, _) => Finding.Skip("nf-tables", "cannot be asked without libnftables"),
            (_, _, true) => Finding.Skip("nf-tables", $"the controller uses it, and nobody else can: {problem}"),
            _ => Finding.Fail("nf-tables", $"nftables: {problem}", "modprobe nf_tables; and run as root"),
        };
}
