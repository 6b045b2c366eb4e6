using System.IO.Compression;
using System.Text;

namespace MasterController.Core.Images.Build;

/// <summary>The first root of the guest: BusyBox, the modules and our "init".</summary>
internal static class Initramfs
{
    /// <param name="modules">Paths of ".ko" files in load order.</param>
    internal static void Write(
        string path,
        string busybox,
        IReadOnlyList<string> applets,
        IReadOnlyList<string> modules
    )
    {
        using var file = File.Create(path);
        using var gzip = new GZipStream(file, CompressionLevel.Optimal);
        using var cpio = new CpioWriter(gzip);
        foreach (var folder in (string[])["base", "bin", "dev", "modules", "overlay", "proc", "root", "run", "sys"])
            cpio.AddDirectory(folder);
        cpio.AddFile(
            "init",
            GuestFiles.Read("init"),
            permissions: 0x1ED /* 0755 */
        );
        cpio.AddFile("bin/busybox", File.ReadAllBytes(busybox), permissions: 0x1ED);
        foreach (var applet in applets)
            cpio.AddSymbolicLink($"bin/{applet}", "busybox");
        foreach (var module in modules)
            cpio.AddFile(
                $"modules/{Path.GetFileName(module)}",
                File.ReadAllBytes(module),
                permissions: 0x1A4 /* 0644 */
            );
        var order = string.Concat(modules.Select(module => $"{Path.GetFileName(module)}\n"));
        cpio.AddFile("modules/order", Encoding.UTF8.GetBytes(order), permissions: 0x1A4);
    }
}
