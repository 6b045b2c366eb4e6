using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using MasterController.Linux.Probes;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Advertisements;

/// <summary>
/// Hears router solicitations on every interface of the namespace in which it was opened, before any firewall, and sends
/// advertisements out of given ones. Of one thread, but for <see cref="EndWait"/>.
/// </summary>
public sealed class AdvertisementSocket : IDisposable
{
    private readonly SafeFileHandle _socket;
    private readonly SafeFileHandle _awake = new(
        Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK),
        ownsHandle: true
    );

    private AdvertisementSocket(SafeFileHandle socket) => _socket = socket;

    // The kernel passes nothing on but solicitations: the socket would else get a copy of all IPv6 traffic.
    private static Libc.FilterInstruction[] OnlySolicitations =>
        [
            Libc.FilterInstruction.LoadByte(Icmp6.NextHeaderOffset),
            Libc.FilterInstruction.SkipUnless(Icmp6.NextHeader, skipped: 5),
            Libc.FilterInstruction.LoadByte(Icmp6.HopLimitOffset),
            Libc.FilterInstruction.SkipUnless(Icmp6.HopLimit, skipped: 3),
            Libc.FilterInstruction.LoadByte(Icmp6.MessageOffset),
            Libc.FilterInstruction.SkipUnless(Icmp6.RouterSolicitation, skipped: 1),
            Libc.FilterInstruction.Take(RouterSolicitation.MostBytes),
            Libc.FilterInstruction.Take(0),
        ];

    /// <exception cref="Win32Exception">CAP_NET_RAW is missing.</exception>
    public static unsafe AdvertisementSocket Open()
    {
        // Without a protocol it hears nothing before it has its filter.
        var socket = ProbeSocket.Open(Libc.AF_PACKET, 0, "socket(AF_PACKET)");
        var address = new Libc.LinkAddress
        {
            Family = Libc.AF_PACKET,
            Protocol = BinaryPrimitives.ReverseEndianness(Icmp6.EtherType),
        };
        var instructions = OnlySolicitations;
        bool isReady;
        // SAFETY: the kernel copies the instructions during the call.
        fixed (Libc.FilterInstruction* first = instructions)
        {
            var program = new Libc.FilterProgram { Length = (ushort)instructions.Length, First = first };
            isReady =
                Libc.setsockopt(
                    socket,
                    Libc.SOL_SOCKET,
                    Libc.SO_ATTACH_FILTER,
                    program,
                    (uint)sizeof(Libc.FilterProgram)
                ) == 0
                && Libc.bind(socket, address, (uint)sizeof(Libc.LinkAddress)) == 0;
        }
        if (isReady)
            return new AdvertisementSocket(socket);
        var error = ProbeSocket.LastError("a packet socket's filter or address");
        socket.Dispose();
        throw error;
    }

    /// <summary>The number and the MTU of an interface; null where there is none of that name.</summary>
    public (int Index, uint Mtu)? Find(string name)
    {
        var (index, mtu) = (new InterfaceRequest(name), new InterfaceRequest(name));
        return
            Libc.ioctl(_socket, Libc.SIOCGIFINDEX, ref index) == 0 && Libc.ioctl(_socket, Libc.SIOCGIFMTU, ref mtu) == 0
            ? (index.Index, (uint)mtu.Index)
            : null;
    }

    /// <summary>The name of an interface; null where there is none of that number.</summary>
    public string? NameOf(int index)
    {
        var request = new InterfaceRequest { Index = index };
        return Libc.ioctl(_socket, Libc.SIOCGIFNAME, ref request) == 0 ? request.Name : null;
    }

    /// <summary>Sends out of one interface; what cannot be sent is not: the next one will be.</summary>
    public unsafe void Send(int index, RouterAdvertisement advertisement)
    {
        Span<byte> frame = stackalloc byte[RouterAdvertisement.MostBytes];
        var length = advertisement.Write(frame);
        var address = new Libc.LinkAddress
        {
            Family = Libc.AF_PACKET,
            Protocol = BinaryPrimitives.ReverseEndianness(Icmp6.EtherType),
            Index = index,
            AddressLength = 6,
        };
        // SAFETY: the frame is on this method's stack, and the call reads no more than its length.
        fixed (byte* start = frame)
            _ = Libc.sendto(_socket, start, (nuint)length, 0, address, (uint)sizeof(Libc.LinkAddress));
    }

    /// <summary>Waits until somebody asks, <see cref="EndWait"/> is called, or the time is over.</summary>
    /// <param name="atMost">Null has no end.</param>
    public unsafe void Wait(TimeSpan? atMost)
    {
        var descriptors = stackalloc Libc.PollDescriptor[2];
        descriptors[0] = new() { Descriptor = (int)_socket.DangerousGetHandle(), Events = Libc.POLLIN };
        descriptors[1] = new() { Descriptor = (int)_awake.DangerousGetHandle(), Events = Libc.POLLIN };
        var milliseconds = atMost is { } time
            ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue)
            : -1;
        // SAFETY: the entries live on this stack for the call, and the descriptors are open as long as this object is.
        if (Libc.poll(descriptors, 2, milliseconds) > 0 && descriptors[1].Returned != 0)
            RandomAccess.Read(_awake, stackalloc byte[sizeof(ulong)], 0);
    }

    /// <summary>Ends the wait under way or the next one; may be called from any thread.</summary>
    public void EndWait() => RandomAccess.Write(_awake, BitConverter.GetBytes(1UL), 0);

    /// <summary>The next solicitation that waits; false where none does.</summary>
    /// <param name="index">The interface that it came in by; null where it is none that a router heeds.</param>
    public unsafe bool TryReceive(out int? index)
    {
        var buffer = stackalloc byte[RouterSolicitation.MostBytes];
        var from = new Libc.LinkAddress();
        var fromLength = (uint)sizeof(Libc.LinkAddress);
        // SAFETY: buffer and address are on this method's stack; the call writes no more than the lengths given.
        var length = Libc.recvfrom(_socket, buffer, RouterSolicitation.MostBytes, 0, ref from, ref fromLength);
        index = null;
        if (length < 0)
            return false;
        if (RouterSolicitation.IsValid(new ReadOnlySpan<byte>(buffer, (int)length)))
            index = from.Index;
        return true;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _awake.Dispose();
    }
}
