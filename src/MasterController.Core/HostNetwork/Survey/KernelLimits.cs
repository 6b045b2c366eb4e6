using System.Globalization;
using MasterController.Core.HostNetwork.Bridges;

namespace MasterController.Core.HostNetwork.Survey;

/// <summary>Which limits of the kernel so many VMs would hit.</summary>
internal static class KernelLimits
{
    /// <summary>
    /// Connections of one VM that are worth planning for: a browser opens some tens. The table has 262,144 entries where
    /// there is memory for them (nf_conntrack-sysctl, nf_conntrack_max).
    /// </summary>
    internal const long ConnectionsPerVm = 64;

    /// <summary>An entry takes about 320 bytes: more than 1.3 GB of them are not planned for.</summary>
    internal const long MostConnections = 4_194_304;

    /// <summary>QEMU: main loop, vCPU, signals, worker; Firecracker has three (counted in /proc/PID/task).</summary>
    internal const long ThreadsPerVm = 4;

    /// <summary>PID_MAX_LIMIT of 64-bit systems (linux/threads.h): 2²².</summary>
    internal const long MostPids = 4_194_304;

    /// <summary>A hypervisor's own with its eventfds, and the controller's two (counted in /proc/PID/fd).</summary>
    internal const long FilesPerVm = 32;

    /// <summary>The name under which this process's own limit of open files goes.</summary>
    internal const string OpenFiles = "RLIMIT_NOFILE";

    /// <summary>Of the controller, for one VM: its process and its exit watch (counted in /proc/PID/fd).</summary>
    internal const long OwnFilesPerVm = 2;

    /// <summary>Of the controller, besides VMs: store, API clients, event streams.</summary>
    private const long OwnOtherFiles = 2_048;

    /// <summary>What Kestrel asks of listen(2): more clients than this are refused when they come at once.</summary>
    internal const long ListenBacklog = 512;

    /// <summary>Of kernel memory for one TAP, measured on Linux 6.18.</summary>
    internal const long BytesPerTap = 60 * 1024;

    /// <summary>
    /// Kernels before Linux 6.3 keep a copy of a route for each processor that used it and for what is cached of it, and count
    /// these; with 4,096 by default, packets to new destinations are dropped then. Later ones have no such limit
    /// (2,147,483,647).
    /// </summary>
    internal const long Ipv6RoutesPerVm = 8;

    internal const long MostBridgePorts = GuestBridge.MostPorts;

    /// <summary>What a host has besides VMs.</summary>
    private const long OtherThreads = 2_048;
    private const long OtherFiles = 8_192;

    internal static IReadOnlyList<HostLimit> Check(KernelFigures figures, long vms) =>
        [
            .. new[]
            {
                Conntrack(figures.ConntrackMax, vms),
                Neighbours(figures.NeighbourMax, figures.Neighbours),
                Threads("kernel.pid_max", figures.PidMax, vms),
                Threads("kernel.threads-max", figures.ThreadsMax, vms),
                Files(figures.FileMax, vms),
                OwnFiles(figures.OpenFilesMax, vms),
                NrOpen(figures.NrOpen, vms),
                Backlog(figures.ListenBacklogMax),
                Memory(figures.MemoryBytes, vms),
                OldBridge(figures.OldBridgePorts, vms),
                Ipv6Routes(figures.Ipv6RouteMax, vms),
            }.OfType<HostLimit>(),
        ];

    private static HostLimit? Conntrack(long? value, long vms)
    {
        var needed = Math.Min(vms * ConnectionsPerVm, MostConnections);
        return value is not { } limit || limit >= needed
            ? null
            : Sysctl(
                "net.netfilter.nf_conntrack_max",
                limit,
                needed,
                $"connection tracking holds {Number(limit)} connections for all VMs together, "
                    + $"{Number(needed)} are worth having for {Number(vms)} VMs; a full table drops new connections"
            );
    }

    // Those of VMs are permanent and do not count (net/core/neighbour.c, Linux 5.0).
    private static HostLimit? Neighbours(long? value, int entries) =>
        value is not { } limit || entries < limit / 4 * 3
            ? null
            : Sysctl(
                "net.ipv4.neigh.default.gc_thresh3",
                limit,
                2L * entries,
                $"{Number(entries)} of {Number(limit)} neighbour entries are in use, none of them by VMs"
            );

    private static HostLimit? Threads(string name, long? value, long vms)
    {
        var needed = (vms * ThreadsPerVm) + OtherThreads;
        if (value is not { } limit || limit >= needed)
            return null;
        var message =
            $"{name} is {Number(limit)}: about {Number(Math.Max(limit - OtherThreads, 0) / ThreadsPerVm)} VMs "
            + $"of {ThreadsPerVm} threads each run at once";
        return limit >= MostPids
            ? new HostLimit(name, limit, needed, $"{message}, and no kernel takes more", "spread the VMs over hosts")
            : Sysctl(name, limit, Math.Min(needed, MostPids), message);
    }

    private static HostLimit? Files(long? value, long vms)
    {
        var needed = (vms * FilesPerVm) + OtherFiles;
        return value is not { } limit || limit >= needed
            ? null
            : Sysctl("fs.file-max", limit, needed, $"{Number(vms)} VMs hold about {Number(needed)} open files");
    }

    private static HostLimit? OwnFiles(long? value, long vms)
    {
        var needed = (vms * OwnFilesPerVm) + OwnOtherFiles;
        return value is not { } limit || limit >= needed
            ? null
            : new HostLimit(
                OpenFiles,
                limit,
                needed,
                $"this process may have {Number(limit)} files open and needs {Number(needed)} for {Number(vms)} VMs",
                $"set LimitNOFILE={needed} in the controller's unit"
            );
    }

    // Nothing of one process goes beyond it, whatever its own limit is.
    private static HostLimit? NrOpen(long? value, long vms)
    {
        var needed = (vms * OwnFilesPerVm) + OwnOtherFiles;
        return value is not { } limit || limit >= needed
            ? null
            : Sysctl("fs.nr_open", limit, needed, $"no process may have more than {Number(limit)} files open");
    }

    private static HostLimit? Backlog(long? value) =>
        value is not { } limit || limit >= ListenBacklog
            ? null
            : Sysctl(
                "net.core.somaxconn",
                limit,
                ListenBacklog,
                $"{Number(limit)} clients of the API can wait for their turn, more are refused"
            );

    private static HostLimit? Memory(long? value, long vms)
    {
        var needed = vms * BytesPerTap;
        return value is not { } bytes || bytes >= needed
            ? null
            : new HostLimit(
                "MemTotal",
                bytes,
                needed,
                $"{Number(vms)} TAPs alone take {Number(needed >> 20)} MiB of kernel memory, the host has "
                    + $"{Number(bytes >> 20)} MiB: at most {Number(bytes / BytesPerTap)} VMs are attached at once",
                "add memory, or spread the VMs over hosts"
            );
    }

    private static HostLimit? OldBridge(int ports, long vms) =>
        ports == 0 || vms <= MostBridgePorts
            ? null
            : new HostLimit(
                $"{HostNetworkOfOthers.OldBridge} ports",
                MostBridgePorts,
                vms,
                $"the bridge {HostNetworkOfOthers.OldBridge} has {Number(ports)} TAPs and takes "
                    + $"{Number(MostBridgePorts)}; VMs of this controller need no bridge",
                $"start its VMs anew here, then: ip link delete {HostNetworkOfOthers.OldBridge}"
            );

    // Neighbour entries of VMs are permanent in IPv6 as well, and no limit counts them.
    private static HostLimit? Ipv6Routes(long? value, long vms)
    {
        var needed = Math.Min(vms * Ipv6RoutesPerVm, int.MaxValue);
        return value is not { } limit || limit >= needed
            ? null
            : Sysctl(
                "net.ipv6.route.max_size",
                limit,
                needed,
                $"{Number(limit)} routes of IPv6 are kept in use at once, {Number(needed)} are worth having for "
                    + $"{Number(vms)} VMs with IPv6; packets are dropped when there are more"
            );
    }

    private static HostLimit Sysctl(string name, long value, long needed, string message) =>
        new(name, value, needed, message, $"sysctl -w {name}={needed}");

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
