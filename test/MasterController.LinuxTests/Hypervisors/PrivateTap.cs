using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MasterController.LinuxTests.Hypervisors;

/// <summary>
/// A TAP in a network namespace of its own. Neither has a name outside of the descriptor: both are gone when the last
/// process that has it ends.
/// </summary>
internal static class PrivateTap
{
    private const int CLONE_NEWNET = 0x4000_0000;
    private const nuint TUNSETIFF = 0x4004_54CA;
    private const short IFF_TAP = 0x0002;
    private const short IFF_NO_PI = 0x1000;
    private const short IFF_VNET_HDR = 0x4000;

    public static Task<SafeFileHandle> OpenAsync(string name)
    {
        var opened = new TaskCompletionSource<SafeFileHandle>();
        // The namespace is that of a thread, so the thread is used for nothing else.
        var thread = new Thread(() =>
        {
            if (unshare(CLONE_NEWNET) != 0)
            {
                opened.SetException(new Win32Exception(Marshal.GetLastPInvokeError()));
                return;
            }
            var tun = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            var request = new byte[40];
            Encoding.ASCII.GetBytes(name, request);
            BitConverter.TryWriteBytes(request.AsSpan(16), (short)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
            if (ioctl(tun, TUNSETIFF, request) != 0)
                opened.SetException(new Win32Exception(Marshal.GetLastPInvokeError()));
            else
                opened.SetResult(tun);
        });
        thread.Start();
        return opened.Task;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int unshare(int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int ioctl(SafeFileHandle fd, nuint request, byte[] argument);
}
