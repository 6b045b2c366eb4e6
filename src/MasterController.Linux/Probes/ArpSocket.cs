using System.ComponentModel;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Probes;

/// <summary>
/// ARP on every interface of the namespace in which it was opened. The kernel itself never asks for a VM: the entries of
/// VMs are permanent.
/// </summary>
internal sealed class ArpSocket : IDisposable
{
    private readonly LinkSocket _socket;

    private ArpSocket(LinkSocket socket) => _socket = socket;

    /// <exception cref="Win32Exception">CAP_NET_RAW is missing.</exception>
    internal static ArpSocket Open() => new(LinkSocket.Open(Libc.ETH_P_ARP, receives: true));

    internal int Descriptor => _socket.Descriptor;

    /// <summary><c>arping -c 1 -I INDEX -S SENDER TARGET</c>; one that cannot be sent has no answer.</summary>
    internal void Ask(ProbeTarget target)
    {
        Span<byte> frame = stackalloc byte[ArpFrame.Length];
        ArpFrame.WriteRequest(frame, target.RouterMac, target.Source ?? default, target.Mac, target.Address);
        _ = _socket.TrySend(target.Index, frame);
    }

    /// <summary>The next reply that waits; false where none does.</summary>
    internal bool TryReceive(out int index, out MacAddress mac, out Ipv4Address address)
    {
        Span<byte> buffer = stackalloc byte[ArpFrame.Length];
        for (int length; (length = _socket.Receive(buffer, out index)) >= 0; )
            if (ArpFrame.TryReadReply(buffer[..length], out mac, out address))
                return true;
        (mac, address) = (default, default);
        return false;
    }

    public void Dispose() => _socket.Dispose();
}
