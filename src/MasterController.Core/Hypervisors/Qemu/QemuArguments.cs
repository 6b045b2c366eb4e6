namespace MasterController.Core.Hypervisors.Qemu;

internal enum QemuAccelerator
{
    Kvm,
    Tcg,
}

/// <summary>What the arguments depend on besides the VM.</summary>
/// <param name="TscKilohertz">Of the host; told to guests under TCG.</param>
/// <param name="QmpDescriptor">A Unix socket that listens already.</param>
internal sealed record QemuHost(
    QemuAccelerator Accelerator,
    Version? Version,
    int? TscKilohertz,
    int? TapDescriptor,
    int QmpDescriptor
);

/// <summary>The command line of one VM on QEMU's "microvm" machine.</summary>
internal static class QemuArguments
{
    /// <summary>MiB for translated code; QEMU's default is 1 GiB, which a long-lived guest fills.</summary>
    public const int TranslationMib = 256;

    /// <summary>"-action panic=exit-failure" came with QEMU 7.1; before it, a guest's panic ends with status 0.</summary>
    private static readonly Version PanicAction = new(7, 1);

    public static IReadOnlyList<string> Build(VmLaunch launch, QemuHost host) =>
        [
            "-name",
            Escape(launch.VmId),
            "-no-user-config",
            "-nodefaults",
            "-display",
            "none",
            "-no-reboot",
            .. host.Version >= PanicAction ? (ReadOnlySpan<string>)["-action", "panic=exit-failure"] : [],
            "-sandbox",
            "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            // Distributions' kernels find virtio-mmio devices only through ACPI; the clock chip gives the guest the
            // date; memory merging would let guests measure each other's content.
            "-M",
            "microvm,acpi=on,rtc=on,mem-merge=off,dump-guest-core=off",
            "-accel",
            host.Accelerator == QemuAccelerator.Kvm ? "kvm" : $"tcg,tb-size={TranslationMib}",
            "-cpu",
            host.Accelerator == QemuAccelerator.Kvm ? "host" : "max",
            "-smp",
            $"{launch.Vcpus}",
            "-m",
            $"{launch.MemoryMib}M",
            "-kernel",
            launch.Image.KernelElf,
            "-initrd",
            launch.Image.Initramfs,
            "-append",
            KernelParameters(launch, host),
            // Appending lets the controller cut the file while the guest writes.
            "-chardev",
            $"file,id=console,path={Escape(launch.Directory.ConsoleLog)},append=on",
            "-serial",
            "chardev:console",
            "-chardev",
            $"socket,id=qmp,fd={host.QmpDescriptor},server=on,wait=off",
            "-mon",
            "chardev=qmp,mode=control",
            "-global",
            "virtio-mmio.force-legacy=false",
            "-device",
            "pvpanic",
            "-object",
            "rng-random,id=entropy,filename=/dev/urandom",
            .. Disk("root", launch.Disks.Root, launch.Disks.RootReadOnly),
            .. launch.Disks.Overlay is { } overlay ? Disk("overlay", overlay, readOnly: false) : [],
            .. host.TapDescriptor is { } tap ? Network(launch, tap) : [],
            "-device",
            "virtio-rng-device,rng=entropy",
        ];

    /// <summary>In the values of QEMU's options a comma is written twice.</summary>
    internal static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    /// <summary>
    /// A reset by triple fault works without a keyboard controller; -no-reboot makes it the end of the process. Disks
    /// are vda and vdb in the order of their arguments.
    /// </summary>
    private static string KernelParameters(VmLaunch launch, QemuHost host)
    {
        var timing = host is { Accelerator: QemuAccelerator.Tcg, TscKilohertz: { } kilohertz }
            ? $" tsc_early_khz={kilohertz} tsc=reliable"
            : "";
        return $"console=ttyS0 quiet reboot=t panic=-1{timing} {launch.GuestArguments}".TrimEnd();
    }

    private static string[] Disk(string name, string path, bool readOnly) =>
        [
            "-blockdev",
            $"driver=raw,node-name={name},read-only={(readOnly ? "on" : "off")},discard=unmap,file.driver=file,file.filename={Escape(path)}",
            "-device",
            $"virtio-blk-device,drive={name}",
        ];

    private static string[] Network(VmLaunch launch, int tap) =>
        [
            "-netdev",
            $"tap,id=net,fd={tap},vhost=off",
            "-device",
            $"virtio-net-device,netdev=net,mac={launch.Attachment.Mac}",
        ];
}
