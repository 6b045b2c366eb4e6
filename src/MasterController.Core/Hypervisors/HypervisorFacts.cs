using MasterController.Linux.Processes;

namespace MasterController.Core.Hypervisors;

/// <summary>What this host has to run VMs with, as far as it can be seen without booting one.</summary>
/// <param name="Qemu">Null where it is not installed.</param>
/// <param name="Firecracker">Null where it is not installed.</param>
/// <param name="Kvm">Whether an unprivileged user can open /dev/kvm; that says nothing of whether a guest boots.</param>
public sealed record HypervisorFacts(InstalledHypervisor? Qemu, InstalledHypervisor? Firecracker, DeviceAccess Kvm)
{
    public const string KvmDevice = "/dev/kvm";

    public static async Task<HypervisorFacts> ReadAsync(
        HypervisorOptions options,
        CancellationToken cancellationToken
    ) =>
        new(
            await FindAsync(options.QemuPath, cancellationToken),
            await FindAsync(options.FirecrackerPath, cancellationToken),
            DeviceAccess.Of(KvmDevice)
        );

    private static async Task<InstalledHypervisor?> FindAsync(string nameOrPath, CancellationToken cancellationToken) =>
        HypervisorBinary.Find(nameOrPath) is { } binary
            ? new InstalledHypervisor(binary.Path, await binary.ReadVersionAsync(cancellationToken))
            : null;
}

/// <param name="Version">Null where the program did not say it.</param>
public sealed record InstalledHypervisor(string Path, Version? Version);
