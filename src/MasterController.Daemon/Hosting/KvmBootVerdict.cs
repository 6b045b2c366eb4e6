using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Vms;

namespace MasterController.Daemon.Hosting;

/// <summary>What is known of KVM on this host; without a verdict, a guest is booted if there is an image to boot.</summary>
internal sealed class KvmBootVerdict(HypervisorSelection hypervisors, ImageCatalog images)
{
    private static readonly string[] WithKvm = ["firecracker", "qemu"];

    /// <summary>Null where no guest could be booted to find out.</summary>
    public async Task<KvmVerdict?> AskAsync(CancellationToken cancellationToken)
    {
        if (Newest() is { } known)
            return known;
        if (images.Find(VmType.DefaultImage) is { } image)
            await hypervisors.SelectAsync(image, cancellationToken);
        return Newest();
    }

    private KvmVerdict? Newest() =>
        WithKvm.Select(hypervisors.Kept).OfType<KvmVerdict>().MaxBy(verdict => verdict.MadeAt);
}
