using MasterController.Core.Hypervisors;

namespace MasterController.Core.Vms;

/// <summary>Where the VMs' directories are: a folder each, named by the id.</summary>
public sealed class VmDirectories(string root)
{
    public VmDirectory Of(string vmId) => new(Path.Combine(root, vmId));

    /// <summary>What does not have the form of an id ("lost+found") is not ours.</summary>
    public IEnumerable<string> VmIds() =>
        Directory.Exists(root)
            ? Directory.EnumerateDirectories(root).Select(d => Path.GetFileName(d)!).Where(VmId.HasForm)
            : [];

    /// <summary>Makes a VM's directory, mode 0700 and the VM's user's own.</summary>
    public void Ensure(string vmId, uint ownerUid)
    {
        Directory.CreateDirectory(root);
        Of(vmId).Create(ownerUid);
    }

    public void Delete(string vmId)
    {
        var path = Of(vmId).Path;
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
