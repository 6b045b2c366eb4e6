using MasterController.Linux;

namespace MasterController.Core.Diagnostics;

/// <param name="CgroupControllers">Of cgroup v2; null where /sys/fs/cgroup is not v2.</param>
/// <param name="ClockSynchronised">As the kernel has it (adjtimex(2)); null where it cannot be asked.</param>
public sealed record KernelFacts(IReadOnlyList<string>? CgroupControllers, bool? ClockSynchronised)
{
    public static KernelFacts Read() =>
        new(Text("/sys/fs/cgroup/cgroup.controllers")?.Split(' '), SystemClock.IsSynchronised());

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>Limits for VMs, and the time.</summary>
public static class KernelChecks
{
    /// <summary>What cgroup v2 has to offer for a VM's limits.</summary>
    private static readonly string[] NeededControllers = ["cpu", "memory", "pids"];

    public static IReadOnlyList<Finding> Check(KernelFacts facts) =>
        [Cgroups(facts.CgroupControllers), Clock(facts.ClockSynchronised)];

    private static Finding Cgroups(IReadOnlyList<string>? controllers)
    {
        const string Code = "cgroup-v2";
        if (controllers is null)
            return Finding.Warn(
                Code,
                "cgroup v2 is not mounted at /sys/fs/cgroup: VMs run without limits of their own",
                "boot with systemd.unified_cgroup_hierarchy=1"
            );
        var missing = NeededControllers.Except(controllers).ToArray();
        return missing.Length == 0
            ? Finding.Pass(Code, "cgroup v2 with cpu, memory and pids")
            : Finding.Warn(
                Code,
                $"cgroup v2 lacks {string.Join(", ", missing)}: VMs run without these limits",
                "set Delegate=yes in the controller's unit"
            );
    }

    private static Finding Clock(bool? synchronised) =>
        synchronised switch
        {
            true => Finding.Pass("clock", "the clock is synchronised"),
            null => Finding.Skip("clock", "the kernel does not say"),
            false => Finding.Warn(
                "clock",
                "the clock is not synchronised: times of events and cool-downs may jump",
                "apt-get install systemd-timesyncd"
            ),
        };
}
