using MasterController.Core.Images;

namespace MasterController.Core.Hypervisors;

/// <param name="Wanted">"auto", "firecracker" or "qemu".</param>
/// <param name="FirecrackerPath">A name is looked up in PATH.</param>
/// <param name="UseKvm">"auto" finds out by a timed boot; "on" and "off" decide.</param>
public sealed record HypervisorOptions(
    string Wanted = "auto",
    string FirecrackerPath = "firecracker",
    string QemuPath = "qemu-system-x86_64",
    string UseKvm = "auto"
);

/// <summary>
/// Chooses the hypervisor: Firecracker where its binary is there and KVM boots a guest within the time limit,
/// else QEMU with KVM if it boots, else QEMU with TCG. The verdict on KVM is kept in the store under
/// <see cref="KvmVerdictSetting"/> and made again when kernel, binary or image change.
/// </summary>
public sealed class HypervisorSelection
{
    public const string KvmVerdictSetting = "kvm-verdict";

    /// <summary>The hypervisor to use with this image; the first call may take as long as the timed boot.</summary>
    public Task<IHypervisor> SelectAsync(ImageFiles image, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>The one that started a VM, by <see cref="IHypervisor.Name"/>; for VMs found again after a restart.</summary>
    public IHypervisor ByName(string name) => throw new NotImplementedException();
}
