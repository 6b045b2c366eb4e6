using System.Runtime.InteropServices;

namespace MasterController.Linux.Processes;

/// <summary>How an unprivileged process can come to open a device for reading and writing.</summary>
public abstract record DeviceAccess
{
    private DeviceAccess() { }

    public sealed record Anyone : DeviceAccess;

    /// <summary>By membership of a group, as udev sets up /dev/kvm.</summary>
    public sealed record Members(uint Group) : DeviceAccess;

    public sealed record Nobody(string Reason) : DeviceAccess;

    private const int GroupReadWrite = 0x30;
    private const int OthersReadWrite = 0x6;

    /// <summary>stat -c '%a %g' PATH. Access by the group of root is none: it opens more than the device.</summary>
    public static DeviceAccess Of(string path)
    {
        if (Libc.statx(Libc.AT_FDCWD, path, 0, Libc.STATX_BASIC_STATS, out var status) != 0)
            return new Nobody($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        if ((status.Mode & OthersReadWrite) == OthersReadWrite)
            return new Anyone();
        if ((status.Mode & GroupReadWrite) == GroupReadWrite && status.Gid != 0)
            return new Members(status.Gid);
        var mode = Convert.ToString(status.Mode & 0xfff, 8).PadLeft(4, '0');
        return new Nobody($"{path} has mode {mode} and group {status.Gid}: no unprivileged user can open it");
    }
}
