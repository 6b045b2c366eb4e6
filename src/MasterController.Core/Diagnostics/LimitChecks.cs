using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Diagnostics;

/// <summary>Whether the kernel and this process take VMs on all addresses of all pools.</summary>
internal static class LimitChecks
{
    public static readonly string[] Codes = ["kernel-limits"];

    /// <summary>Network, gateway and broadcast address are no VM's.</summary>
    private const long OthersPerNetwork = 3;

    public static long Vms(IEnumerable<Ipv4Network> networks) =>
        networks.Distinct().Sum(network => Math.Max((1L << (32 - network.PrefixLength)) - OthersPerNetwork, 1));

    private static string Message(long vms) =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"no limit stands in the way of {vms:N0} VMs, for which the pools have addresses"
        );

    /// <param name="limits">Those that are too low for so many VMs.</param>
    public static IReadOnlyList<Finding> Check(IReadOnlyList<HostLimit> limits, long vms) =>
        [
            limits.Count == 0
                ? Finding.Pass(Codes[0], Message(vms))
                : Finding.Warn(
                    Codes[0],
                    string.Join("; ", limits.Select(limit => limit.Message)),
                    string.Join("; ", limits.Select(limit => limit.Fix))
                ),
        ];
}
