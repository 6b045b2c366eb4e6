using MasterController.Core.Images;

namespace MasterController.Core.Vms;

/// <summary>The kernel parameters by which a guest configures itself.</summary>
internal static class GuestArguments
{
    /// <summary>
    /// "ip=ADDRESS::GATEWAY:MASK:HOSTNAME:eth0:off:DNS0:DNS1" as in the kernel's nfsroot.txt, and whether the root is
    /// read-only with a writable layer of the VM's own over it.
    /// </summary>
    public static string For(VmRecord vm, VmDisks disks, IReadOnlyList<string> dns)
    {
        var resolvers = string.Concat(dns.Take(2).Select(d => $":{d}"));
        var ip = $"ip={vm.Address}::{vm.Gateway}:{vm.Network.Mask}:{vm.Name}:eth0:off{resolvers}";
        return disks.Overlay is null ? ip : $"{ip} mc.overlay=1";
    }
}
