using System.Globalization;
using MasterController.Linux.Processes;

namespace MasterController.Linux.Cgroups;

/// <summary>What a group of processes may use; what is null, or what the kernel has no controller for, is unlimited.</summary>
/// <param name="MemoryBytes">memory.max.</param>
/// <param name="Cpus">cpu.max, in processors: 1.5 is one and a half.</param>
/// <param name="Processes">pids.max: processes and threads.</param>
public sealed record CgroupLimits(long? MemoryBytes = null, double? Cpus = null, int? Processes = null);

/// <summary>
/// Our part of the cgroup v2 hierarchy: a group of ours below the one that was delegated to this process, and in it a
/// group for each name. Nothing outside of that part is ever written. That there is no such part is no error: the
/// processes then stay in the group of the controller.
/// </summary>
public sealed class CgroupTree
{
    /// <summary>
    /// Set as DelegateSubgroup= of the systemd unit. Controllers can be given to groups below the unit's own only
    /// while no process is in that one ("no internal processes", Documentation/admin-guide/cgroup-v2.rst).
    /// </summary>
    public const string ControllerSubgroup = "controller";

    private const int CpuPeriodMicroseconds = 100_000;

    private static readonly string[] WantedControllers = ["memory", "cpu", "pids"];

    private readonly string _directory;

    private CgroupTree(string directory) => _directory = directory;

    /// <summary>Finds the hierarchy and makes our group in it; null where that cannot be.</summary>
    /// <param name="name">Of our group, below the delegated one.</param>
    public static CgroupTree? Open(string name) =>
        Open(
            name,
            mounts: File.ReadAllLines("/proc/self/mountinfo"),
            membership: File.ReadAllLines("/proc/self/cgroup")
        );

    /// <summary>The group of one name; null where it cannot be made.</summary>
    /// <exception cref="ArgumentException">The name could lead out of our part.</exception>
    public Cgroup? Create(string name, CgroupLimits limits)
    {
        var directory = PathOf(name);
        try
        {
            Directory.CreateDirectory(directory);
            WriteIfThere(directory, "memory.max", limits.MemoryBytes?.ToString(CultureInfo.InvariantCulture));
            WriteIfThere(directory, "pids.max", limits.Processes?.ToString(CultureInfo.InvariantCulture));
            WriteIfThere(
                directory,
                "cpu.max",
                limits.Cpus is { } cpus ? $"{(long)(cpus * CpuPeriodMicroseconds)} {CpuPeriodMicroseconds}" : null
            );
            return new Cgroup(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>rmdir; false while processes are in it. A group that is not there is removed.</summary>
    /// <exception cref="ArgumentException">The name could lead out of our part.</exception>
    public bool Remove(string name) => new Cgroup(PathOf(name)).Remove();

    /// <summary>rmdir of our group itself and of what is in it; false while processes are in one.</summary>
    public bool RemoveAll() => List().All(Remove) && new Cgroup(_directory).Remove();

    /// <summary>The names of all groups in our part.</summary>
    public IReadOnlyList<string> List() =>
        [.. Directory.EnumerateDirectories(_directory).Select(directory => Path.GetFileName(directory))];

    internal static CgroupTree? Open(string name, IReadOnlyList<string> mounts, IReadOnlyList<string> membership)
    {
        if (FindMount(mounts) is not { } mount || FindMembership(membership) is not { } own)
            return null;
        var delegated = Path.GetFileName(own) == ControllerSubgroup ? Path.GetDirectoryName(own) ?? "/" : own;
        var parent = Path.Join(mount, delegated);
        var directory = Path.Combine(parent, name);
        try
        {
            // The root group is nobody's to delegate.
            if (delegated != "/")
                Enable(parent);
            Directory.CreateDirectory(directory);
            Enable(directory);
            return new CgroupTree(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Where cgroup2 is mounted: /sys/fs/cgroup, or /sys/fs/cgroup/unified beside version 1. The fields are those of
    /// proc_pid_mountinfo(5): the fifth is the mount point, the type comes after the lone dash.
    /// </summary>
    internal static string? FindMount(IReadOnlyList<string> mounts) =>
        mounts
            .Select(line => line.Split(" - ", 2))
            .Where(parts => parts.Length == 2 && parts[1].StartsWith("cgroup2 ", StringComparison.Ordinal))
            .Select(parts => parts[0].Split(' ')[4])
            .FirstOrDefault();

    /// <summary>The line of hierarchy 0 in /proc/PID/cgroup is that of version 2 (cgroups(7)).</summary>
    internal static string? FindMembership(IReadOnlyList<string> lines) =>
        lines.FirstOrDefault(line => line.StartsWith("0::/", StringComparison.Ordinal))?[3..];

    private string PathOf(string name) =>
        name is "" or "." or ".." || name.Contains('/')
            ? throw new ArgumentException($"\"{name}\" is not the name of a group", nameof(name))
            : Path.Combine(_directory, name);

    /// <summary>One by one: a single controller that cannot be had makes the kernel refuse the whole line.</summary>
    private static void Enable(string directory)
    {
        var available = File.ReadAllText(Path.Combine(directory, "cgroup.controllers")).Split([' ', '\n']);
        foreach (var controller in WantedControllers.Intersect(available))
        {
            try
            {
                File.WriteAllText(Path.Combine(directory, "cgroup.subtree_control"), $"+{controller}");
            }
            // EBUSY where processes are in the group itself: there will be groups, but no limits of this kind.
            catch (IOException) { }
        }
    }

    private static void WriteIfThere(string directory, string file, string? value)
    {
        var path = Path.Combine(directory, file);
        if (value is not null && File.Exists(path))
            File.WriteAllText(path, value);
    }
}

/// <summary>One group of processes.</summary>
public sealed class Cgroup
{
    private readonly string _directory;

    internal Cgroup(string directory) => _directory = directory;

    /// <summary>echo PID &gt; cgroup.procs; false where the process has ended or the kernel refuses.</summary>
    public bool Add(ProcessIdentity process)
    {
        try
        {
            File.WriteAllText(Path.Combine(_directory, "cgroup.procs"), $"{process.Pid}");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>rmdir; false while processes are in it.</summary>
    public bool Remove()
    {
        try
        {
            Directory.Delete(_directory);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
