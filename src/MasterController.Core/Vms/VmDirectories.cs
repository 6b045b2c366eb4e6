using MasterController.Core.Hypervisors;

namespace MasterController.Core.Vms;

/// <summary>Where the VMs' directories are: a folder each, named by the id.</summary>
public sealed class VmDirectories(string root)
{
    public VmDirectory Of(string vmId) => new(Path.Combine(root, vmId));

    public IEnumerable<string> VmIds() =>
        Directory.Exists(root) ? Directory.EnumerateDirectories(root).Select(d => Path.GetFileName(d)!) : [];

    public void Delete(string vmId)
    {
        var path = Of(vmId).Path;
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
