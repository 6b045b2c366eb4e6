using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Taps;
using Microsoft.Win32.SafeHandles;

namespace MasterController.LinuxTests.HostNetwork.Advertisements;

/// <summary>
/// A kernel of its own at the far end of a guest's TAP: a TAP "eth0" in another namespace, whose frames are carried over.
/// It takes routers' advertisements as kernels do, without looking for duplicates first.
/// </summary>
internal sealed class Cable : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1);

    private readonly NetworkNamespace _guest;
    private readonly SafeFileHandle _device;
    private readonly Guest _end;
    private volatile bool _ended;
    private Thread? _carrying;

    private Cable(NetworkNamespace guest, SafeFileHandle device)
    {
        _guest = guest;
        _device = device;
        _end = new Guest(TestHost.At("192.168.100.2"), device);
    }

    internal static Cable Lay(NetworkNamespace guest, MacAddress mac)
    {
        var device = guest.Run(() => Tap.TryCreate("eth0", TestHost.Owner)!);
        TestHost.Run(guest, $"ip link set eth0 address {mac}");
        TestHost.Run(
            guest,
            "sysctl -qw net.ipv6.conf.eth0.accept_ra=1 net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.use_tempaddr=0"
        );
        return new Cable(guest, device);
    }

    /// <summary>Brings the far end up, and carries frames in both directions until this is disposed.</summary>
    internal void Connect(Guest tap)
    {
        _carrying = new Thread(() =>
        {
            while (!_ended)
            {
                if (tap.TryReceive(Turn) is { } inward)
                    _end.Send(inward);
                if (_end.TryReceive(Turn) is { } outward)
                    tap.Send(outward);
            }
        });
        // A TAP that is down takes nothing.
        TestHost.Run(_guest, "ip link set eth0 up");
        _carrying.Start();
    }

    public void Dispose()
    {
        _ended = true;
        _carrying?.Join();
        _device.Dispose();
    }
}
