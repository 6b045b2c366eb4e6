namespace MasterController.Core.Diagnostics;

/// <param name="Path">Null where there is none.</param>
/// <param name="Version">What it says of itself; null where it could not be asked.</param>
public sealed record BinaryFacts(string Name, string? Path, string? Version);

/// <param name="Wanted">hypervisor.kind.</param>
/// <param name="UseKvm">hypervisor.kvm.</param>
/// <param name="KvmError">Why /dev/kvm cannot be opened; null when it can.</param>
/// <param name="KvmBoots">The verdict of a timed boot; null where none was made yet.</param>
/// <param name="KvmVerdict">That verdict in words.</param>
public sealed record VirtualisationFacts(
    string Wanted,
    string UseKvm,
    string? KvmError,
    bool? KvmBoots,
    string? KvmVerdict,
    BinaryFacts Qemu,
    BinaryFacts Firecracker
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
            { UseKvm: "off" } => Finding.Skip(Code, "hypervisor.kvm is off"),
            { KvmError: { } error } => Finding.Warn(
                Code,
                $"/dev/kvm: {error}; VMs are emulated, many times slower",
                "enable virtualisation in the firmware, or nested virtualisation at the provider"
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
        Binary("qemu", facts.Qemu, isNeeded: !Has(facts.Firecracker) || facts.Wanted == "qemu", Install);

    private const string Install = "apt-get install qemu-system-x86";

    private static Finding Firecracker(VirtualisationFacts facts) =>
        Binary(
            "firecracker",
            facts.Firecracker,
            isNeeded: facts.Wanted == "firecracker",
            "put the firecracker binary in PATH, or set hypervisor.firecracker_path"
        );

    private static Finding Binary(string code, BinaryFacts facts, bool isNeeded, string fix) =>
        facts switch
        {
            { Path: null } when isNeeded => Finding.Fail(code, $"{facts.Name} is not installed", fix),
            { Path: null } => Finding.Skip(code, $"{facts.Name} is not installed and not needed"),
            { Version: null } => Finding.Warn(code, $"{facts.Path} does not say its version", fix),
            _ => Finding.Pass(code, $"{facts.Version} ({facts.Path})"),
        };

    private static bool Has(BinaryFacts binary) => binary.Path is not null;
}
