using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Probes;

/// <summary>What both sockets of a probe have in common: they never block, and hold the answers of many at once.</summary>
internal static class ProbeSocket
{
    private const int ReceiveBufferLength = 1 << 20;

    internal static SafeFileHandle Open(int family, int protocol, string call)
    {
        var socket = Libc.socket(family, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, protocol);
        if (socket.IsInvalid)
            throw LastError(call);
        // Without CAP_NET_ADMIN the buffer keeps the system's size.
        _ = Libc.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, ReceiveBufferLength, sizeof(int));
        return socket;
    }

    internal static void SetOption(SafeFileHandle socket, int level, int option, int value)
    {
        if (Libc.setsockopt(socket, level, option, value, sizeof(int)) == 0)
            return;
        var error = LastError($"setsockopt({level}, {option})");
        socket.Dispose();
        throw error;
    }

    internal static Win32Exception LastError(string call)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new Win32Exception(errno, $"{call}: {Errno.Describe(errno)}");
    }
}
