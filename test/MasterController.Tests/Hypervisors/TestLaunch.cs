using MasterController.Core.HostNetwork;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Linux.Addresses;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Tests.Hypervisors;

internal static class TestLaunch
{
    public static VmLaunch Vm { get; } =
        new(
            "vm-1",
            new VmDirectory("/s/vms/vm-1"),
            new ImageFiles("golden", "/i/vmlinux", "/i/vmlinuz", "/i/initramfs", "/i/root.img", "/i/overlay.img"),
            new VmDisks("/i/root.img", RootReadOnly: true, "/s/vms/vm-1/overlay.img"),
            Vcpus: 2,
            MemoryMib: 512,
            new Attachment(Ipv4Address.Parse("192.168.100.2"), null, 0x70a8_6402),
            OpenTap: _ => Task.FromResult(new SafeFileHandle()),
            "ip=192.168.100.2::192.168.100.1:255.255.255.0::eth0:off"
        );
}
