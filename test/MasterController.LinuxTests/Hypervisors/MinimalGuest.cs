using System.Diagnostics;
using System.Text;
using MasterController.Core.Images;
using MasterController.Core.Images.Build;
using MasterController.LinuxTests.Hypervisors;
using Xunit;

[assembly: AssemblyFixture(typeof(MinimalGuest))]

namespace MasterController.LinuxTests.Hypervisors;

/// <summary>
/// The smallest guest that shows what a hypervisor does: Debian's cloud kernel and a busybox. What it does besides
/// greeting is said by "test=" among its kernel parameters: "wait" for the power button, "reset", or "panic". The files
/// are made once and kept in <see cref="Folder"/>.
/// </summary>
public sealed class MinimalGuest : IAsyncLifetime
{
    public const string Ready = "guest ready";

    private const string Init = """
        #!/bin/busybox sh
        export PATH=/bin
        busybox mkdir -p /proc /sys /dev
        busybox mount -t proc proc /proc
        busybox mount -t sysfs sysfs /sys
        busybox mount -t devtmpfs devtmpfs /dev
        for module in $(busybox cat /modules/order); do busybox insmod /modules/$module.ko; done
        for disk in vda vdb; do
          [ -b /dev/$disk ] && busybox echo "$disk $(busybox cat /sys/block/$disk/size) ro $(busybox cat /sys/block/$disk/ro)"
        done
        [ -d /sys/class/net/eth0 ] && busybox echo "mac $(busybox cat /sys/class/net/eth0/address)"
        busybox echo "entropy $(busybox cat /sys/class/misc/hw_random/rng_current)"
        exec 3< /dev/input/event0
        busybox echo "guest ready"
        case "$(busybox cat /proc/cmdline)" in
          *test=reset*) busybox reboot -f ;;
          *test=panic*) busybox echo c > /proc/sysrq-trigger ;;
        esac
        busybox head -c 24 <&3 > /dev/null
        busybox echo "power button"
        busybox reboot -f
        """;

    private static readonly string[] Modules =
    [
        "net/core/failover",
        "drivers/net/net_failover",
        "drivers/virtio/virtio_ring",
        "drivers/virtio/virtio",
        "drivers/virtio/virtio_mmio",
        "drivers/net/virtio_net",
        "drivers/block/virtio_blk",
        "drivers/char/hw_random/virtio-rng",
        "drivers/misc/pvpanic/pvpanic",
        "drivers/misc/pvpanic/pvpanic-mmio",
        "drivers/input/evdev",
        "drivers/acpi/button",
    ];

    private const uint Executable = 0x1ED; // 0755

    /// <summary>The Debian packages' files are taken from a folder with "boot" and "lib", if one is named.</summary>
    private static readonly string? Unpacked = Environment.GetEnvironmentVariable("MC_TEST_KERNEL");

    public static string Folder { get; } = "/var/cache/master-controller-tests/minimal-guest";

    public ImageFiles Image { get; } =
        new(
            "minimal",
            KernelElf: $"{Folder}/vmlinux",
            KernelBzImage: $"{Folder}/vmlinuz",
            Initramfs: $"{Folder}/initramfs",
            RootDisk: $"{Folder}/root.img",
            OverlayTemplate: $"{Folder}/root.img"
        );

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Folder);
        var unpacked = Unpacked ?? $"{Folder}/unpacked";
        if (!Directory.Exists(unpacked))
            await UnpackAsync(unpacked);
        File.Copy(Directory.GetFiles($"{unpacked}/boot", "vmlinuz-*").Single(), Image.KernelBzImage, overwrite: true);
        await using (var elf = File.Create(Image.KernelElf))
            BzImage.ExtractElf(await File.ReadAllBytesAsync(Image.KernelBzImage), elf);
        await using (var disk = File.Create(Image.RootDisk))
            disk.SetLength(4 << 20);
        await using var initramfs = File.Create(Image.Initramfs);
        var busybox = await File.ReadAllBytesAsync("/bin/busybox");
        WriteInitramfs(initramfs, Directory.GetDirectories($"{unpacked}/lib/modules").Single(), busybox);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void WriteInitramfs(Stream output, string modules, byte[] busybox)
    {
        using var cpio = new CpioWriter(output);
        cpio.AddDirectory("bin");
        cpio.AddFile("bin/busybox", busybox, Executable);
        cpio.AddFile("init", Encoding.ASCII.GetBytes(Init), Executable);
        cpio.AddDirectory("modules");
        foreach (var module in Modules)
        {
            var content = File.ReadAllBytes($"{modules}/kernel/{module}.ko");
            cpio.AddFile($"modules/{Path.GetFileName(module)}.ko", content, Executable);
        }
        var order = string.Join('\n', Modules.Select(Path.GetFileName));
        cpio.AddFile("modules/order", Encoding.ASCII.GetBytes(order), Executable);
    }

    /// <summary>The meta package names the newest kernel as its dependency.</summary>
    private static async Task UnpackAsync(string target)
    {
        var depends = await RunAsync("apt-cache", "depends", "--important", "linux-image-cloud-amd64");
        var package = depends.Split('\n').First(l => l.Contains("Depends: ")).Split("Depends: ")[1].Trim();
        await RunAsync("apt-get", "download", package);
        var archive = Directory.GetFiles(Folder, $"{package}_*.deb").Single();
        await RunAsync("dpkg-deb", "-x", archive, $"{target}.new");
        Directory.Move($"{target}.new", target);
        File.Delete(archive);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = Folder, RedirectStandardOutput = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {process.ExitCode}");
        return output;
    }
}
