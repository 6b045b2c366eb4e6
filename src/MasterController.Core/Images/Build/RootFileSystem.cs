namespace MasterController.Core.Images.Build;

/// <summary>Lays out the guest's root in a folder; <see cref="Ext4"/> makes a disk of it.</summary>
internal static class RootFileSystem
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable =
        Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Shared =
        UnixFileMode.StickyBit
        | OwnerOnly
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    private static readonly string[] Folders =
    [
        "bin",
        "dev",
        "etc",
        "etc/rc.d",
        "home",
        "mnt",
        "opt",
        "proc",
        "run",
        "srv",
        "sys",
        "usr",
        "usr/local",
        "usr/local/bin",
        "usr/share",
        "var",
        "var/cache",
        "var/lib",
        "var/log",
    ];

    /// <summary>Every program is in /bin; the other customary places lead there.</summary>
    private static readonly (string Name, string Target)[] Links =
    [
        ("sbin", "bin"),
        ("usr/bin", "../bin"),
        ("usr/sbin", "../bin"),
        ("var/run", "../run"),
        // Written by the initramfs from ip= at every boot; a file put in its place stays as it is.
        ("etc/resolv.conf", "../run/resolv.conf"),
        ("etc/mtab", "../proc/self/mounts"),
    ];

    private static readonly (string Name, string Resource, UnixFileMode Mode)[] Files =
    [
        ("etc/inittab", "inittab", Readable),
        ("etc/rcS", "rcS", Executable),
        ("etc/console-shell", "console-shell", Executable),
        ("etc/passwd", "passwd", Readable),
        ("etc/group", "group", Readable),
        ("etc/hosts", "hosts", Readable),
        ("etc/profile", "profile", Readable),
        ("etc/os-release", "os-release", Readable),
    ];

    internal static void LayOut(string root, string busybox, IReadOnlyList<string> applets)
    {
        foreach (var folder in Folders)
            MakeFolder(root, folder, Executable);
        MakeFolder(root, "root", OwnerOnly);
        MakeFolder(root, "tmp", Shared);
        MakeFolder(root, "var/tmp", Shared);
        foreach (var (name, target) in Links)
            File.CreateSymbolicLink(Path.Combine(root, name), target);
        foreach (var (name, resource, mode) in Files)
        {
            var path = Path.Combine(root, name);
            File.WriteAllBytes(path, GuestFiles.Read(resource));
            File.SetUnixFileMode(path, mode);
        }
        var program = Path.Combine(root, "bin/busybox");
        File.Copy(busybox, program);
        File.SetUnixFileMode(program, Executable);
        foreach (var applet in applets)
            File.CreateSymbolicLink(Path.Combine(root, "bin", applet), "busybox");
        File.SetUnixFileMode(root, Executable);
    }

    /// <summary>The mode is set apart: what is created is cut down by the umask.</summary>
    private static void MakeFolder(string root, string name, UnixFileMode mode)
    {
        var path = Path.Combine(root, name);
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, mode);
    }
}
