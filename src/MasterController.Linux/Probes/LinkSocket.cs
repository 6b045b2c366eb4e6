using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Probes;

/// <summary>
/// Whole frames of one protocol out of given interfaces, and those that come in (packet(7)): before the firewall sees them.
/// </summary>
internal sealed class LinkSocket : IDisposable
{
    private readonly SafeFileHandle _socket;
    private readonly ushort _protocol;

    private LinkSocket(SafeFileHandle socket, ushort protocol) => (_socket, _protocol) = (socket, protocol);

    /// <param name="receives">Whether frames of others are wanted; the kernel copies none otherwise.</param>
    /// <exception cref="Win32Exception">CAP_NET_RAW is missing.</exception>
    internal static LinkSocket Open(ushort protocol, bool receives) =>
        new(
            ProbeSocket.Open(
                Libc.AF_PACKET,
                receives ? BinaryPrimitives.ReverseEndianness(protocol) : 0, // in network byte order
                "socket(AF_PACKET)"
            ),
            protocol
        );

    internal int Descriptor => (int)_socket.DangerousGetHandle();

    /// <summary>Whether the kernel took it: an interface that is down takes none.</summary>
    internal unsafe bool TrySend(int index, ReadOnlySpan<byte> frame)
    {
        var address = new Libc.LinkAddress
        {
            Family = Libc.AF_PACKET,
            Protocol = BinaryPrimitives.ReverseEndianness(_protocol),
            Index = index,
            AddressLength = 6,
        };
        // SAFETY: the frame is pinned for the call, which reads no more than its length.
        fixed (byte* start = frame)
            return Libc.sendto(_socket, start, (nuint)frame.Length, 0, address, (uint)sizeof(Libc.LinkAddress)) >= 0;
    }

    /// <summary>The beginning of the next frame that waits, and where it came in; −1 where none does.</summary>
    internal unsafe int Receive(Span<byte> buffer, out int index)
    {
        while (true)
        {
            var from = new Libc.LinkAddress();
            var fromLength = (uint)sizeof(Libc.LinkAddress);
            nint length;
            // SAFETY: the buffer is pinned for the call, which writes no more than its length.
            fixed (byte* start = buffer)
                length = Libc.recvfrom(_socket, start, (nuint)buffer.Length, 0, ref from, ref fromLength);
            if (length < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
                continue;
            index = from.Index;
            return (int)length;
        }
    }

    public void Dispose() => _socket.Dispose();
}
