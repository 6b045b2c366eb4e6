namespace MasterController.Core.Images;

/// <summary>The files of one image, all read-only and shared by every VM that uses it.</summary>
/// <param name="KernelElf">Uncompressed vmlinux with the PVH note: Firecracker takes only this, QEMU as well.</param>
/// <param name="KernelBzImage">As the distribution ships it.</param>
/// <param name="OverlayTemplate">A sparse, empty ext4 that a VM's writable layer starts as.</param>
public sealed record ImageFiles(
    string Name,
    string KernelElf,
    string KernelBzImage,
    string Initramfs,
    string RootDisk,
    string OverlayTemplate
);

/// <summary>
/// The disks of one VM. With a reflinked root there is one private, writable disk; else the shared base is read-only
/// and <see cref="Overlay"/> is the VM's own.
/// </summary>
/// <param name="Root">Guest's /dev/vda.</param>
/// <param name="Overlay">Guest's /dev/vdb, or null.</param>
public sealed record VmDisks(string Root, bool RootReadOnly, string? Overlay);
