using System.Runtime.InteropServices;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Taps;
using Microsoft.Win32.SafeHandles;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>A guest with a kernel: a namespace behind a cable to the guest's TAP, configured as a guest's init does it.</summary>
internal sealed class GuestStack : IDisposable
{
    private const short PollIn = 1;

    private readonly SafeFileHandle _host;
    private readonly SafeFileHandle _guest;
    private readonly Thread _cable;
    private volatile bool _ended;

    private GuestStack(Attachment attachment, SafeFileHandle host)
    {
        Attachment = attachment;
        _host = host;
        _guest = Space.Run(() => Tap.TryCreate("eth0", 0))!;
        foreach (
            var command in (string[])
                [
                    "ip link set lo up",
                    "sysctl -qw net.ipv6.conf.eth0.accept_dad=0",
                    $"ip link set eth0 address {attachment.Mac} up",
                    $"ip address add {attachment.Address}/32 dev eth0",
                    $"ip route add {attachment.Gateway} dev eth0",
                    $"ip route add default via {attachment.Gateway} dev eth0",
                    .. attachment.External?.Ipv6 is { } ipv6
                        ? new[]
                        {
                            $"ip -6 address add {ipv6}/128 dev eth0 nodad",
                            "ip -6 route add default via fe80::1 dev eth0",
                        }
                        : [],
                ]
        )
            Run(command);
        _cable = new Thread(Carry) { IsBackground = true, Name = "cable" };
        _cable.Start();
    }

    internal Attachment Attachment { get; }

    internal NetworkNamespace Space { get; } = NetworkNamespace.Create();

    internal static async Task<GuestStack> PlugInAsync(TestHost host, Attachment attachment) =>
        new(attachment, await host.OpenTapAsync(attachment));

    internal string Run(string command) => TestHost.Run(Space, command);

    public void Dispose()
    {
        _ended = true;
        _cable.Join();
        _guest.Dispose();
        _host.Dispose();
        Space.Dispose();
    }

    private void Carry()
    {
        var frame = new byte[70_000];
        while (!_ended)
        {
            PollDescriptor[] ends =
            [
                new() { Descriptor = (int)_host.DangerousGetHandle(), Events = PollIn },
                new() { Descriptor = (int)_guest.DangerousGetHandle(), Events = PollIn },
            ];
            if (Poll(ends, 2, 20) <= 0)
                continue;
            Pass(ends[0], _host, _guest, frame);
            Pass(ends[1], _guest, _host, frame);
        }
    }

    private static void Pass(PollDescriptor end, SafeFileHandle from, SafeFileHandle to, byte[] frame)
    {
        if ((end.Answered & PollIn) == 0)
            return;
        var length = Read(from, frame, (nuint)frame.Length);
        if (length > 0)
            _ = Write(to, frame, (nuint)length);
    }

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll([In, Out] PollDescriptor[] descriptors, nuint count, int timeoutMilliseconds);

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    private static extern nint Read(SafeFileHandle descriptor, [Out] byte[] buffer, nuint length);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    private static extern nint Write(SafeFileHandle descriptor, byte[] buffer, nuint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Answered;
    }
}
