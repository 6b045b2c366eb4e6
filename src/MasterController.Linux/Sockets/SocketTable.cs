using System.Buffers.Binary;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Sockets;

/// <summary>
/// The sockets of one network namespace, that of the thread that opened this (sock_diag(7)). The kernel hands over only
/// those that are asked for, however many connections there are.
/// </summary>
public sealed class SocketTable : IDisposable
{
    public const byte Tcp = 6;
    public const byte Udp = 17;

    // linux/sock_diag.h, linux/inet_diag.h
    private const ushort SOCK_DIAG_BY_FAMILY = 20;
    private const ushort INET_DIAG_SKV6ONLY = 11;
    private const int SizeOfInetDiagMessage = 72;
    private const int IdLength = 48;

    // The states of tcp_states.h. A socket of UDP is "closed" until it is connected, and then "established".
    private const uint Listen = 1 << 10;
    private const uint Closed = 1 << 7;

    private readonly NetlinkSocket _socket = NetlinkSocket.Open(Libc.NETLINK_SOCK_DIAG);

    private SocketTable() { }

    /// <exception cref="NetlinkException">The kernel has no sock_diag, or no descriptor is free.</exception>
    public static SocketTable Open() => new();

    /// <summary><c>ss -ltun</c>, without what is connected.</summary>
    /// <exception cref="NetlinkException">The kernel refused, or has no tcp_diag or udp_diag.</exception>
    public IReadOnlyList<ListeningSocket> Listening() =>
        [
            .. Dump(Libc.AF_INET, Tcp, Listen),
            .. Dump(Libc.AF_INET6, Tcp, Listen),
            .. Dump(Libc.AF_INET, Udp, Closed),
            .. Dump(Libc.AF_INET6, Udp, Closed),
        ];

    public void Dispose() => _socket.Dispose();

    private List<ListeningSocket> Dump(byte family, byte protocol, uint states)
    {
        var sockets = new List<ListeningSocket>();
        var writer = new NetlinkWriter(stackalloc byte[128]);
        writer.BeginMessage(SOCK_DIAG_BY_FAMILY, Nl.Request | Nl.Dump, _socket.NextSequence());
        // struct inet_diag_req_v2: family, protocol, extensions, padding, states, and an id that nothing is asked of.
        writer.Byte(family);
        writer.Byte(protocol);
        writer.Byte(0);
        writer.Byte(0);
        writer.UInt32(states);
        Span<byte> anyId = stackalloc byte[IdLength];
        anyId.Clear();
        writer.Bytes(anyId);
        writer.EndMessage();
        _socket.Dump(
            writer,
            message =>
            {
                if (message.Type == SOCK_DIAG_BY_FAMILY && Read(message, protocol) is { Port: > 0 } socket)
                    sockets.Add(socket);
            }
        );
        return sockets;
    }

    // struct inet_diag_msg: family, state, timer, retransmissions, then struct inet_diag_sockid with both ports and both
    // addresses in network byte order.
    private static ListeningSocket? Read(NetlinkMessage message, byte protocol)
    {
        var body = message.Payload;
        if (body.Length < SizeOfInetDiagMessage)
            return null;
        var port = BinaryPrimitives.ReadUInt16BigEndian(body[4..]);
        if (body[0] == Libc.AF_INET)
            return new ListeningSocket(protocol, Ipv4Address.FromBytes(body.Slice(8, 4)), port, TakesIpv4: true);
        var address = Ipv6Address.FromBytes(body.Slice(8, 16));
        var isMapped = address.Value >> 32 == 0xffff;
        if (isMapped)
            return new ListeningSocket(protocol, new Ipv4Address((uint)address.Value), port, TakesIpv4: true);
        var isOnlyIpv6 = true;
        var attributes = message.Attributes(SizeOfInetDiagMessage);
        while (attributes.TryRead())
            if (attributes.Type == INET_DIAG_SKV6ONLY)
                isOnlyIpv6 = attributes.Byte != 0;
        return new ListeningSocket(protocol, address, port, TakesIpv4: address.Value == 0 && !isOnlyIpv6);
    }
}
