using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Probes;

/// <summary>
/// ARP on every interface of the namespace in which it was opened. The kernel itself never asks for a VM: the entries of
/// VMs are permanent.
/// </summary>
internal sealed class ArpSocket : IDisposable
{
    private readonly SafeFileHandle _socket;

    private ArpSocket(SafeFileHandle socket) => _socket = socket;

    /// <exception cref="Win32Exception">CAP_NET_RAW is missing.</exception>
    internal static ArpSocket Open() =>
        new(
            ProbeSocket.Open(
                Libc.AF_PACKET,
                BinaryPrimitives.ReverseEndianness(Libc.ETH_P_ARP), // in network byte order
                "socket(AF_PACKET)"
            )
        );

    internal int Descriptor => (int)_socket.DangerousGetHandle();

    /// <summary><c>arping -c 1 -I INDEX -S SENDER TARGET</c>; one that cannot be sent has no answer.</summary>
    internal unsafe void Ask(ProbeTarget target)
    {
        Span<byte> frame = stackalloc byte[ArpFrame.Length];
        ArpFrame.WriteRequest(frame, target.RouterMac, target.Source ?? default, target.Mac, target.Address);
        var address = new Libc.LinkAddress
        {
            Family = Libc.AF_PACKET,
            Protocol = BinaryPrimitives.ReverseEndianness(Libc.ETH_P_ARP),
            Index = target.Index,
            AddressLength = 6,
        };
        // SAFETY: the frame is on this method's stack, and the call reads no more than its length.
        fixed (byte* start = frame)
            _ = Libc.sendto(_socket, start, ArpFrame.Length, 0, address, (uint)sizeof(Libc.LinkAddress));
    }

    /// <summary>The next reply that waits; false where none does.</summary>
    internal unsafe bool TryReceive(out int index, out MacAddress mac, out Ipv4Address address)
    {
        var buffer = stackalloc byte[ArpFrame.Length];
        while (true)
        {
            var from = new Libc.LinkAddress();
            var fromLength = (uint)sizeof(Libc.LinkAddress);
            // SAFETY: buffer and address are on this method's stack; the call writes no more than the lengths given.
            var length = Libc.recvfrom(_socket, buffer, ArpFrame.Length, 0, ref from, ref fromLength);
            if (length < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
                continue;
            index = from.Index;
            if (length < 0)
            {
                (mac, address) = (default, default);
                return false;
            }
            if (ArpFrame.TryReadReply(new ReadOnlySpan<byte>(buffer, (int)length), out mac, out address))
                return true;
        }
    }

    public void Dispose() => _socket.Dispose();
}
