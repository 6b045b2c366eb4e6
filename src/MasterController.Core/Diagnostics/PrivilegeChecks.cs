using System.Globalization;

namespace MasterController.Core.Diagnostics;

/// <param name="Effective">CapEff of /proc/self/status (proc(5)).</param>
public sealed record PrivilegeFacts(ulong Effective)
{
    public static PrivilegeFacts Read(string status = "/proc/self/status")
    {
        const string Field = "CapEff:";
        var line = File.ReadLines(status).First(l => l.StartsWith(Field, StringComparison.Ordinal));
        return new PrivilegeFacts(ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber));
    }
}

/// <summary>Whether the controller may do what it has to.</summary>
public static class PrivilegeChecks
{
    /// <summary>Bit numbers of linux/capability.h, with what each is needed for.</summary>
    private static readonly (int Bit, string Name, string For)[] Needed =
    [
        (0, "CAP_CHOWN", "giving disks to VM users"),
        (1, "CAP_DAC_OVERRIDE", "reaching VM users' directories"),
        (3, "CAP_FOWNER", "setting the mode of VM users' files"),
        (5, "CAP_KILL", "ending VM processes"),
        (6, "CAP_SETGID", "running VMs as their own group"),
        (7, "CAP_SETUID", "running VMs as their own user"),
        (8, "CAP_SETPCAP", "taking all rights from VM processes"),
        (12, "CAP_NET_ADMIN", "TAPs, routes and nftables"),
        (13, "CAP_NET_RAW", "asking VMs by ARP and ICMP when a pool changes"),
        (19, "CAP_SYS_PTRACE", "finding VM processes again by their environment"),
    ];

    public static IReadOnlyList<Finding> Check(PrivilegeFacts facts)
    {
        var missing = Needed.Where(n => (facts.Effective & (1UL << n.Bit)) == 0).ToArray();
        return
        [
            missing.Length == 0
                ? Finding.Pass("privileges", "root, or every capability that is needed")
                : Finding.Fail(
                    "privileges",
                    "missing: " + string.Join(", ", missing.Select(m => $"{m.Name} ({m.For})")),
                    "run the controller by its systemd unit, or as root"
                ),
        ];
    }
}
