using MasterController.Core.Hypervisors;

namespace MasterController.Core.Images;

/// <summary>Makes the disks of single VMs: a reflink of the root where the file system can, else a sparse overlay.</summary>
public sealed class VmDiskStore
{
    /// <summary>
    /// Makes the disks in the VM's directory if they are not there yet, mode 0600, owned by <paramref name="uid"/>.
    /// </summary>
    public Task<VmDisks> EnsureAsync(
        ImageFiles image,
        VmDirectory directory,
        uint uid,
        CancellationToken cancellationToken
    ) => throw new NotImplementedException();
}
