using MasterController.Core.Hypervisors;
using MasterController.Linux.Processes;

namespace MasterController.Core.Diagnostics;

/// <param name="Options">What is wanted, and where.</param>
/// <param name="KvmBoots">The verdict of a timed boot; null where none was made yet.</param>
/// <param name="KvmVerdict">That verdict in words.</param>
public sealed record VirtualisationFacts(
    HypervisorOptions Options,
    HypervisorFacts Installed,
    bool? KvmBoots,
    string? KvmVerdict
);

/// <summary>Whether VMs can be run, and how fast.</summary>
public static class VirtualisationChecks
{
    public static IReadOnlyList<Finding> Check(VirtualisationFacts facts, bool routed) =>
        routed
            ? [Kvm(facts), Qemu(facts), Firecracker(facts)]
            :
            [
                Finding.Skip("kvm-boot", "network.mode is none"),
                Finding.Skip("qemu", "network.mode is none"),
                Finding.Skip("firecracker", "network.mode is none"),
            ];

    private static Finding Kvm(VirtualisationFacts facts)
    {
        const string Code = "kvm-boot";
        return facts switch
        {
            { Options.UseKvm: "off" } => Finding.Skip(Code, "hypervisor.kvm is off"),
            { Installed.Kvm: DeviceAccess.Nobody nobody } => Finding.Warn(
                Code,
                $"{nobody.Reason}; VMs are emulated, many times slower",
                "enable virtualisation in the firmware or at the provider; the device is for a group: chmod 660, chgrp kvm"
            ),
            { KvmBoots: true } => Finding.Pass(Code, facts.KvmVerdict ?? "KVM boots a guest"),
            { KvmBoots: false } => Finding.Warn(
                Code,
                $"/dev/kvm is there, but boots no guest: {facts.KvmVerdict}; VMs are emulated, many times slower",
                "ask the provider for nested virtualisation, or set hypervisor.kvm = \"off\" to keep it so"
            ),
            _ => Finding.Skip(Code, "no guest was booted yet; the first VM tries it out"),
        };
    }

    private static Finding Qemu(VirtualisationFacts facts) =>
        Installed(
            "qemu",
            facts.Options.QemuPath,
            facts.Installed.Qemu,
            isNeeded: facts.Installed.Firecracker is null || facts.Options.Wanted == "qemu",
            "apt-get install qemu-system-x86"
        );

    private static Finding Firecracker(VirtualisationFacts facts) =>
        Installed(
            "firecracker",
            facts.Options.FirecrackerPath,
            facts.Installed.Firecracker,
            isNeeded: facts.Options.Wanted == "firecracker",
            "put the firecracker binary in PATH, or set hypervisor.firecracker_path"
        );

    private static Finding Installed(string code, string name, InstalledHypervisor? found, bool isNeeded, string fix) =>
        found switch
        {
            null when isNeeded => Finding.Fail(code, $"{name} is not installed", fix),
            null => Finding.Skip(code, $"{name} is not installed and not needed"),
            { Version: null } => Finding.Warn(code, $"{found.Path} does not say its version", fix),
            _ => Finding.Pass(code, $"version {found.Version} ({found.Path})"),
        };
}
