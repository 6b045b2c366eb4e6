using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Netlink;

/// <summary>Called for each answer that is not an acknowledgement, with the number of the request it answers.</summary>
internal delegate void NetlinkReplyHandler(int request, NetlinkMessage message);

/// <summary>
/// A socket to the kernel's routing tables (rtnetlink(7)). It belongs to the network namespace of the thread that opened
/// it, and to one caller at a time.
/// </summary>
public sealed partial class NetlinkSocket : IDisposable
{
    // The kernel answers a send before it returns, so all answers of one send wait in the receive buffer at once.
    private const int RequestsPerSend = 128;
    private const int ReceiveBufferLength = 4 << 20;
    private const int SendBufferLength = 1 << 20;

    private readonly SafeFileHandle _handle;
    private int _sendBuffer = SendBufferLength;

    // A dump's datagrams have at most 32 KiB (NLMSG_GOODSIZE limits in af_netlink.c, netlink_dump).
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(64 << 10, pinned: true);
    private uint _sequence;

    private NetlinkSocket(SafeFileHandle handle) => _handle = handle;

    /// <exception cref="NetlinkException">There is no netlink, or no descriptor is free.</exception>
    public static NetlinkSocket Open() => Open(Libc.NETLINK_ROUTE);

    internal static NetlinkSocket Open(int protocol)
    {
        var handle = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, protocol);
        if (handle.IsInvalid)
            throw LastError("socket(AF_NETLINK)");
        SetOption(handle, Libc.SOL_NETLINK, Nl.ExtAck, 1);
        SetOption(handle, Libc.SOL_NETLINK, Nl.CapAck, 1);
        SetOption(handle, Libc.SOL_NETLINK, Nl.GetStrictCheck, 1);
        // Without CAP_NET_ADMIN the buffers keep the system's size; reading still works then.
        _ = Libc.setsockopt(handle, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, ReceiveBufferLength, sizeof(int));
        _ = Libc.setsockopt(handle, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, SendBufferLength, sizeof(int));
        return new NetlinkSocket(handle);
    }

    /// <summary>
    /// Has the kernel carry out every request in order and gives each one's refusal, null where it was done.
    /// </summary>
    public NetlinkError?[] Execute(NetlinkBatch batch) => Execute(batch, null);

    /// <summary>Carries out requests of which none may be refused.</summary>
    /// <exception cref="NetlinkException">The first refusal; the requests behind it were tried all the same.</exception>
    public void ExecuteAll(string what, NetlinkBatch batch)
    {
        if (Execute(batch).FirstOrDefault(error => error is not null) is { } error)
            throw new NetlinkException(what, error);
    }

    internal NetlinkError?[] Execute(NetlinkBatch batch, NetlinkReplyHandler? onReply)
    {
        var errors = new NetlinkError?[batch.Count];
        var first = _sequence + 1;
        _sequence += (uint)batch.Count;
        batch.Stamp(first, RequestsPerSend);
        for (var sent = 0; sent < batch.Count; )
        {
            var count = Math.Min(RequestsPerSend, batch.Count - sent);
            Send(batch.Slice(sent, count));
            ReceiveAnswers(first, sent, count, errors, onReply);
            sent += count;
        }
        return errors;
    }

    /// <summary>For a request that is written elsewhere: answers carry the same number.</summary>
    internal uint NextSequence() => ++_sequence;

    public void Dispose() => _handle.Dispose();

    // Refusals and replies, up to the answer to the last request: the kernel works on them in order, and that one is
    // acknowledged in any case.
    private void ReceiveAnswers(
        uint firstSequence,
        int firstRequest,
        int count,
        NetlinkError?[] errors,
        NetlinkReplyHandler? onReply
    )
    {
        var last = firstRequest + count - 1;
        for (var isOver = false; !isOver; )
        {
            var reader = new NetlinkReader(Receive());
            while (reader.TryRead(out var message))
            {
                var request = unchecked((int)(message.Sequence - firstSequence));
                if (request < firstRequest || request > last)
                    continue;
                if (message.Type != Nl.Error)
                {
                    onReply?.Invoke(request, message);
                    continue;
                }
                errors[request] = ReadError(message);
                isOver |= request == last;
            }
        }
    }

    /// <summary>An acknowledgement's error, or that of a dump's end; null for success.</summary>
    internal static NetlinkError? ReadError(NetlinkMessage message)
    {
        if (message.Payload.Length < sizeof(int))
            throw new NetlinkException("A netlink acknowledgement without an error number");
        var code = -MemoryMarshal.Read<int>(message.Payload);
        if (code == 0)
            return null;
        string? text = null;
        if ((message.Flags & Nl.HasAttributes) != 0)
        {
            var body = message.Type == Nl.Done ? sizeof(int) : sizeof(int) + Nl.HeaderLength;
            if (message.Type == Nl.Error && (message.Flags & Nl.Capped) == 0)
                body = sizeof(int) + Nl.Align(MemoryMarshal.Read<int>(message.Payload[sizeof(int)..]));
            var attributes = message.Attributes(body);
            while (attributes.TryRead())
                if (attributes.Type == Nl.ErrorMessage)
                    text = attributes.Text;
        }
        var error = new NetlinkError(code, text);
        NetlinkMetrics.Refused(error);
        return error;
    }

    internal unsafe void Send(ReadOnlySpan<byte> messages)
    {
        // What is sent together has to fit into the buffer as a whole, and a transaction of nftables cannot be parted.
        if (messages.Length > _sendBuffer)
        {
            _sendBuffer = messages.Length;
            _ = Libc.setsockopt(_handle, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, _sendBuffer, sizeof(int));
        }
        nint sent;
        do
        {
            // SAFETY: the span is pinned for the call, which reads no more than its length.
            fixed (byte* start = messages)
                sent = Libc.send(_handle, start, (nuint)messages.Length, 0);
        } while (sent < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        if (sent != messages.Length)
            throw LastError("send(AF_NETLINK)");
    }

    internal ReadOnlySpan<byte> Receive()
    {
        var length = Receive(_handle, _received);
        if (length < 0)
            throw LastError("recv(AF_NETLINK)");
        if (length > _received.Length)
            throw new NetlinkException($"A netlink datagram of {length} bytes was cut at {_received.Length}");
        return _received.AsSpan(0, (int)length);
    }

    /// <summary>recv(2): the whole length of a datagram, also of one that was cut; below 0 with errno.</summary>
    internal static unsafe nint Receive(SafeFileHandle handle, byte[] buffer)
    {
        nint length;
        do
        {
            // SAFETY: the array is pinned for the call, which writes no more than its length; MSG_TRUNC makes the call
            // return the datagram's true length, which callers compare with it.
            fixed (byte* start = buffer)
                length = Libc.recv(handle, start, (nuint)buffer.Length, Libc.MSG_TRUNC);
        } while (length < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        return length;
    }

    private static void SetOption(SafeFileHandle handle, int level, int option, int value)
    {
        if (Libc.setsockopt(handle, level, option, value, sizeof(int)) == 0)
            return;
        var error = LastError($"setsockopt(SOL_NETLINK, {option})");
        handle.Dispose();
        throw error;
    }

    internal static NetlinkException LastError(string call) =>
        new($"{call}: {Errno.Describe(Marshal.GetLastPInvokeError())}");
}
