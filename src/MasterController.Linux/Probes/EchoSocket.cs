using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using MasterController.Linux.Addresses;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Probes;

/// <summary>
/// ICMP echo out of given interfaces. The packets go the way of all others: through routing, neighbour entries and the
/// firewall, so that an answer proves these as well.
/// </summary>
internal sealed class EchoSocket : IDisposable
{
    private const int MostHeaders = 60 + EchoMessage.Length; // an IP header has at most 60 bytes

    private readonly SafeFileHandle _socket;

    private EchoSocket(SafeFileHandle socket) => _socket = socket;

    /// <exception cref="Win32Exception">CAP_NET_RAW is missing.</exception>
    internal static EchoSocket Open()
    {
        var socket = ProbeSocket.Open(Libc.AF_INET, Libc.IPPROTO_ICMP, "socket(IPPROTO_ICMP)");
        ProbeSocket.SetOption(socket, Libc.SOL_IP, Libc.IP_PKTINFO, 1);
        // A set bit keeps a type out; type 0 is the echo reply.
        ProbeSocket.SetOption(socket, Libc.SOL_RAW, Libc.ICMP_FILTER, ~1);
        return new EchoSocket(socket);
    }

    internal int Descriptor => (int)_socket.DangerousGetHandle();

    /// <summary><c>ping -c 1 -I INDEX -I SOURCE ADDRESS</c>; one that cannot be sent has no answer.</summary>
    internal unsafe void Ask(ProbeTarget target, ushort identifier, ushort sequence)
    {
        var message = stackalloc byte[EchoMessage.Length];
        EchoMessage.WriteRequest(new Span<byte>(message, EchoMessage.Length), identifier, sequence);
        var name = new Libc.InternetAddress { Family = Libc.AF_INET, Address = NetworkOrder(target.Address) };
        var buffer = new Libc.Buffer { Start = message, Length = EchoMessage.Length };
        var control = new Libc.PacketInformation
        {
            Length = Libc.PacketInformation.UsedLength,
            Level = Libc.SOL_IP,
            Type = Libc.IP_PKTINFO,
            Index = target.Index,
            LocalAddress = target.Source is { } source ? NetworkOrder(source) : 0,
        };
        var header = new Libc.MessageHeader
        {
            Name = &name,
            NameLength = (uint)sizeof(Libc.InternetAddress),
            Buffers = &buffer,
            BufferCount = 1,
            Control = &control,
            ControlLength = (nuint)sizeof(Libc.PacketInformation),
        };
        // SAFETY: all that the header points to is on this method's stack, with the lengths given beside it.
        _ = Libc.sendmsg(_socket, header, 0);
    }

    /// <summary>The next reply that waits; false where none does.</summary>
    internal unsafe bool TryReceive(out EchoReply reply)
    {
        var packet = stackalloc byte[MostHeaders];
        while (true)
        {
            var name = new Libc.InternetAddress();
            var buffer = new Libc.Buffer { Start = packet, Length = MostHeaders };
            var control = new Libc.PacketInformation();
            var header = new Libc.MessageHeader
            {
                Name = &name,
                NameLength = (uint)sizeof(Libc.InternetAddress),
                Buffers = &buffer,
                BufferCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(Libc.PacketInformation),
            };
            // SAFETY: as above; the kernel cuts what is longer than the buffer.
            var length = Libc.recvmsg(_socket, ref header, 0);
            if (length < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
                continue;
            reply = default;
            if (length < 0)
                return false;
            if (
                control is { Level: Libc.SOL_IP, Type: Libc.IP_PKTINFO }
                && EchoMessage.TryReadReply(new(packet, (int)length), out var identifier, out var sequence)
            )
            {
                reply = new EchoReply(control.Index, HostOrder(name.Address), identifier, sequence);
                return true;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static uint NetworkOrder(Ipv4Address address) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(address.Value) : address.Value;

    private static Ipv4Address HostOrder(uint address) =>
        new(BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(address) : address);
}

/// <param name="Index">The interface that it came in by.</param>
internal readonly record struct EchoReply(int Index, Ipv4Address Source, ushort Identifier, ushort Sequence);
