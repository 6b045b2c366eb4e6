using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Images;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Vms;

/// <summary>The kernel parameters by which a guest configures itself.</summary>
internal static class GuestArguments
{
    /// <summary>
    /// "ip=ADDRESS::GATEWAY:MASK:HOSTNAME:eth0:off:DNS0:DNS1" as in the kernel's nfsroot.txt; for a guest with an IPv6
    /// address "mc.ipv6=ADDRESS/128,GATEWAY,DNS..."; and whether the root is read-only with a writable layer of the VM's own
    /// over it.
    /// </summary>
    internal static string For(VmRecord vm, Attachment attachment, VmDisks disks, IReadOnlyList<IpAddress> resolvers)
    {
        var ip = $"ip={vm.Address}::{vm.Gateway}:{vm.Network.Mask}:{vm.Name}:eth0:off";
        List<string> parameters = [ip + string.Concat(Some(resolvers, isIpv6: false).Select(dns => $":{dns}"))];
        // Also where routers are advertised: the address is the same, and a guest that was told it waits for nobody.
        if (attachment.RoutedIpv6 is { } ipv6)
        {
            var words = Some(resolvers, isIpv6: true).Select(dns => $",{dns}");
            parameters.Add($"mc.ipv6={ipv6}/128,{HostNetworkMarks.Gateway6}{string.Concat(words)}");
        }
        if (disks.Overlay is not null)
            parameters.Add("mc.overlay=1");
        return string.Join(' ', parameters);
    }

    private static IEnumerable<IpAddress> Some(IReadOnlyList<IpAddress> resolvers, bool isIpv6) =>
        resolvers.Where(resolver => resolver.IsIpv6 == isIpv6).Take(VmSettings.MostResolvers);
}
