namespace MasterController.Contracts;

/// <summary><c>GET /api/v1/host</c>: how the machine is, as the kernel tells in /proc and /sys.</summary>
/// <param name="UptimeSeconds">Since the machine booted (proc_uptime(5)).</param>
/// <param name="Controller">The controller's own process.</param>
/// <param name="Interfaces">
/// The uplink, and what all VMs have been given (in) and have sent (out) as "vms", which is read in the background when it
/// is asked for, each 15 seconds at most; left out before the first time.
/// </param>
public sealed record HostInfo(
    DateTimeOffset Time,
    string Name,
    string Kernel,
    double UptimeSeconds,
    HostCpu Cpu,
    HostMemory Memory,
    IReadOnlyList<HostDisk> Disks,
    IReadOnlyList<HostFill> Fill,
    IReadOnlyList<HostInterface> Interfaces,
    HostProcess Controller
);

/// <param name="UsedPercent">Of all processors since the former reading, 0 to 100; null for the first.</param>
/// <param name="Load1">Runnable tasks, averaged over one minute (proc_loadavg(5)).</param>
public sealed record HostCpu(int Processors, double? UsedPercent, double Load1, double Load5, double Load15);

/// <param name="AvailableBytes">What programs can still get without swapping (MemAvailable of proc_meminfo(5)).</param>
public sealed record HostMemory(long TotalBytes, long AvailableBytes, long SwapTotalBytes, long SwapFreeBytes);

/// <param name="Use">"state": the file system of state_dir.</param>
public sealed record HostDisk(string Use, string Path, long TotalBytes, long FreeBytes);

/// <summary>How much of a table of the kernel is in use.</summary>
/// <param name="Name">
/// "conntrack": connections of the controller's network namespace, of nf_conntrack_max. "neighbours": IPv4 entries of all
/// namespaces but for those of VMs, which do not count, of neigh/default/gc_thresh3; left out outside of the first
/// namespace, where the kernel does not say.
/// </param>
public sealed record HostFill(string Name, long Used, long Limit);

/// <param name="InBytesPerSecond">Since the former reading; null for the first.</param>
public sealed record HostInterface(
    string Name,
    long InBytes,
    long OutBytes,
    long InPackets,
    long OutPackets,
    double? InBytesPerSecond,
    double? OutBytesPerSecond
);

/// <param name="OpenFiles">Descriptors that it has open.</param>
public sealed record HostProcess(int Pid, DateTimeOffset StartedAt, long ResidentBytes, int OpenFiles, string Version);
