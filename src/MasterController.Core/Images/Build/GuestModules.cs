namespace MasterController.Core.Images.Build;

/// <summary>The kernel modules that the initramfs loads before anything else, in this order.</summary>
internal static class GuestModules
{
    /// <summary>virtio_ring before virtio, although the names suggest the reverse.</summary>
    private static readonly string[] Required =
    [
        "failover",
        "net_failover",
        "virtio_ring",
        "virtio",
        "virtio_mmio",
        "virtio_net",
        "virtio_blk",
        "overlay",
    ];

    /// <summary>
    /// Power button, its events for user space, the host's entropy, and word of a panic to QEMU, which then ends with
    /// a status other than 0: a guest runs without them.
    /// </summary>
    private static readonly string[] Optional = ["button", "evdev", "virtio-rng", "pvpanic", "pvpanic-mmio"];

    /// <summary>The module of a path in the package ("…/kernel/net/core/failover.ko.xz"); null if it is not wanted.</summary>
    internal static string? NameOf(string path)
    {
        var file = path.AsSpan(path.LastIndexOf('/') + 1);
        var end = file.IndexOf(".ko");
        if (end < 0)
            return null;
        var name = file[..end].ToString();
        return Required.Contains(name) || Optional.Contains(name) ? name : null;
    }

    /// <summary>Those that were found, in load order.</summary>
    /// <param name="builtIn">The contents of "modules.builtin": paths of what is in the kernel itself.</param>
    /// <exception cref="ImageBuildException">A required one is neither a module nor built in.</exception>
    internal static IReadOnlyList<string> Order(IReadOnlySet<string> found, string builtIn)
    {
        var missing = Required.FirstOrDefault(name =>
            !found.Contains(name) && !builtIn.Contains($"/{name}.ko", StringComparison.Ordinal)
        );
        return missing is null
            ? [.. Required.Concat(Optional).Where(found.Contains)]
            : throw new ImageBuildException($"the kernel package has no module {missing}");
    }
}
