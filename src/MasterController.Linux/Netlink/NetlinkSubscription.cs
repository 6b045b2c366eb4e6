using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Netlink;

/// <summary>
/// A socket that only hears what the kernel tells groups of listeners. It is read when it has something, and never makes
/// the kernel wait: what finds no room is lost, and that is told.
/// </summary>
internal sealed class NetlinkSubscription : IDisposable
{
    // A batch of attachments makes some 10 KB of notifications each, which are read while they come.
    private const int ReceiveBufferLength = 2 << 20;

    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(64 << 10, pinned: true);

    private NetlinkSubscription(SafeFileHandle handle) => Handle = handle;

    internal SafeFileHandle Handle { get; }

    /// <param name="protocol">NETLINK_ROUTE or NETLINK_NETFILTER.</param>
    /// <param name="groups">RTNLGRP_* or NFNLGRP_*.</param>
    /// <exception cref="NetlinkException">There is no such group, or no descriptor is free.</exception>
    internal static NetlinkSubscription Open(int protocol, params ReadOnlySpan<int> groups)
    {
        var handle = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, protocol);
        if (handle.IsInvalid)
            throw NetlinkSocket.LastError("socket(AF_NETLINK)");
        _ = Libc.setsockopt(handle, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, ReceiveBufferLength, sizeof(int));
        // One without a number of its own is passed over: the kernel, who speaks, has none either.
        if (Libc.bind(handle, new Libc.NetlinkAddress { Family = Libc.AF_NETLINK }, 12) != 0)
        {
            var unbound = NetlinkSocket.LastError("bind(AF_NETLINK)");
            handle.Dispose();
            throw unbound;
        }
        foreach (var group in groups)
        {
            if (Libc.setsockopt(handle, Libc.SOL_NETLINK, Nl.AddMembership, group, sizeof(int)) == 0)
                continue;
            var error = NetlinkSocket.LastError($"setsockopt(NETLINK_ADD_MEMBERSHIP, {group})");
            handle.Dispose();
            throw error;
        }
        return new NetlinkSubscription(handle);
    }

    /// <summary>Reads one datagram; false where none waits.</summary>
    /// <param name="lost">Whether notifications found no room (ENOBUFS); <paramref name="datagram"/> is empty then.</param>
    /// <exception cref="NetlinkException">The socket cannot be read any more.</exception>
    internal bool TryReceive(out ReadOnlySpan<byte> datagram, out bool lost)
    {
        var length = NetlinkSocket.Receive(Handle, _received);
        datagram = default;
        lost = false;
        if (length < 0)
            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.EAGAIN:
                    return false;
                case Libc.ENOBUFS:
                    lost = true;
                    return true;
                default:
                    throw NetlinkSocket.LastError("recv(AF_NETLINK)");
            }
        if (length > _received.Length)
            lost = true;
        else
            datagram = _received.AsSpan(0, (int)length);
        return true;
    }

    public void Dispose() => Handle.Dispose();
}
