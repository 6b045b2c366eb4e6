using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Taps;

/// <summary>
/// TAP interfaces (linux/Documentation/networking/tuntap.rst), made so that Firecracker and QEMU can use them: one
/// queue, no packet information, a virtio-net header. They appear in the namespace of the calling thread.
/// </summary>
public static class Tap
{
    private const string Device = "/dev/net/tun";

    // linux/if_tun.h
    private const nuint TUNSETIFF = 0x400454ca;
    private const nuint TUNSETPERSIST = 0x400454cb;
    private const nuint TUNSETOWNER = 0x400454cc;
    private const nuint TUNGETIFF = 0x800454d2;
    private const int IFF_TAP = 0x0002;
    private const int IFF_PERSIST = 0x0800;
    private const int IFF_NO_PI = 0x1000;
    private const int IFF_VNET_HDR = 0x4000;
    private const int IFF_TUN_EXCL = 0x8000;

    /// <summary>
    /// <c>ip tuntap add dev NAME mode tap user UID vnet_hdr</c>, but the interface lives only as long as the descriptor
    /// until <see cref="MakePersistent"/>: an owner that dies halfway leaves nothing behind.
    /// </summary>
    /// <returns>Null where there is an interface of that name.</returns>
    /// <exception cref="TapException">The kernel refused: no right (CAP_NET_ADMIN), no device, a bad name.</exception>
    public static SafeFileHandle? TryCreate(string name, uint ownerUid)
    {
        var handle = OpenDevice();
        try
        {
            if (!TrySetInterface(handle, name, IFF_TUN_EXCL))
                return null;
            SetOwner(handle, name, ownerUid);
            (var result, handle) = (handle, null);
            return result;
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>
    /// Opens a persistent TAP for a hypervisor. The descriptor is closed on exec; whoever hands it on has to say so.
    /// </summary>
    /// <exception cref="TapException">There is none, or another process has it open (EBUSY).</exception>
    public static SafeFileHandle Open(string name)
    {
        var handle = OpenDevice();
        try
        {
            if (!TrySetInterface(handle, name, 0))
                throw new TapException($"TAP {name} is in use by another process", Libc.EBUSY);
            // TUNSETIFF makes what it does not find; only a persistent interface was there before.
            var request = new InterfaceRequest(name);
            Check(Libc.ioctl(handle, TUNGETIFF, ref request), $"TUNGETIFF {name}");
            if ((request.Flags & IFF_PERSIST) == 0)
                throw new TapException($"There is no TAP {name}", Libc.ENODEV);
            (var result, handle) = (handle, null);
            return result;
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary><c>ip tuntap … user UID</c> on an open TAP.</summary>
    public static void SetOwner(SafeFileHandle tap, string name, uint ownerUid) =>
        Check(Libc.ioctl(tap, TUNSETOWNER, ownerUid), $"TUNSETOWNER {name}");

    /// <summary>Lets the interface outlive its descriptor.</summary>
    public static void MakePersistent(SafeFileHandle tap, string name) =>
        Check(Libc.ioctl(tap, TUNSETPERSIST, 1), $"TUNSETPERSIST {name}");

    /// <summary>The interface's index, without the price of a full netlink answer.</summary>
    public static int IndexOf(SafeFileHandle controlSocket, string name)
    {
        var request = new InterfaceRequest(name);
        Check(Libc.ioctl(controlSocket, Libc.SIOCGIFINDEX, ref request), $"SIOCGIFINDEX {name}");
        return request.Index;
    }

    /// <summary>A socket for <see cref="IndexOf"/>, in the namespace of the calling thread.</summary>
    public static SafeFileHandle OpenControlSocket()
    {
        var socket = Libc.socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        Check(socket.IsInvalid ? -1 : 0, "socket(AF_INET)");
        return socket;
    }

    private static SafeFileHandle OpenDevice()
    {
        // Not as a file: .NET would lock it, and ask for its file system.
        var handle = Libc.open(Device, Libc.O_RDWR | Libc.O_CLOEXEC);
        if (!handle.IsInvalid)
            return handle;
        var errno = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw new TapException($"{Device} cannot be opened: {Errno.Describe(errno)}", errno);
    }

    private static bool TrySetInterface(SafeFileHandle handle, string name, int extraFlags)
    {
        var request = new InterfaceRequest(name)
        {
            Flags = unchecked((short)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | extraFlags)),
        };
        if (Libc.ioctl(handle, TUNSETIFF, ref request) == 0)
            return true;
        if (Marshal.GetLastPInvokeError() == Libc.EBUSY)
            return false;
        throw LastError($"TUNSETIFF {name}");
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
            throw LastError(what);
    }

    private static TapException LastError(string what)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new TapException($"{what}: {Errno.Describe(errno)}", errno);
    }
}

/// <summary>A TAP could not be made, opened or changed; descriptors opened on the way are closed.</summary>
public sealed class TapException(string message, int errno) : Win32Exception(errno, message);
