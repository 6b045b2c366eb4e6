using MasterController.Linux.Netfilter;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary>
/// A socket to nf_tables itself. Belongs to the network namespace of the thread that opened it, and to one caller at a
/// time; after a <see cref="NetlinkException"/> it is to be thrown away.
/// </summary>
internal sealed class NftSocket : IDisposable
{
    // What a dump gets wrong while others change rules is asked for again; a host where they never rest does without.
    private const int DumpTries = 5;

    private readonly NetlinkSocket _socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER);

    /// <summary>Writes a message's attributes.</summary>
    internal delegate void AttributeWriter(ref NetlinkWriter writer);

    internal static void Nothing(ref NetlinkWriter writer) { }

    /// <param name="family">NFPROTO_UNSPEC means all.</param>
    /// <param name="filter">Attributes by which the kernel leaves out what is not asked for; 256 bytes at most.</param>
    /// <param name="clear">Called before each try.</param>
    /// <exception cref="NetlinkException">Refused, or it kept changing.</exception>
    internal void Dump(
        ushort type,
        byte family,
        AttributeWriter filter,
        Action clear,
        NetlinkSocket.MessageHandler visit
    )
    {
        Span<byte> request = stackalloc byte[320];
        for (var tries = 0; tries < DumpTries; tries++)
        {
            clear();
            var writer = new NetlinkWriter(request);
            writer.BeginMessage(type, Nl.Request | Nl.Dump, _socket.NextSequence());
            NfNetlink.Body(ref writer, family);
            filter(ref writer);
            writer.EndMessage();
            if (_socket.Dump(writer, visit))
                return;
        }
        throw new NetlinkException("The rules of nftables kept changing while they were read");
    }

    /// <summary>Changes that the kernel takes whole or not at all.</summary>
    /// <param name="length">Bytes for all messages.</param>
    internal Batch BeginBatch(int length) => new(_socket, new byte[length + 64]);

    /// <summary>Asks for one thing; whether it is there.</summary>
    /// <exception cref="NetlinkException">Refused for another reason than that.</exception>
    /// <param name="length">Bytes for the attributes, at most.</param>
    internal bool Get(
        ushort type,
        byte family,
        AttributeWriter attributes,
        NetlinkSocket.MessageHandler visit,
        int length = 256
    )
    {
        Span<byte> small = stackalloc byte[320];
        var writer = new NetlinkWriter(length <= 256 ? small : new byte[length + 64]);
        var sequence = _socket.NextSequence();
        writer.BeginMessage(type, Nl.Request | Nl.Acknowledge, sequence);
        NfNetlink.Body(ref writer, family);
        attributes(ref writer);
        writer.EndMessage();
        _socket.Send(writer.Written);
        while (true)
        {
            var reader = new NetlinkReader(_socket.Receive());
            while (reader.TryRead(out var message))
            {
                if (message.Sequence != sequence)
                    continue;
                if (message.Type != Nl.Error)
                    visit(message);
                else if (NetlinkSocket.ReadError(message) is { } error)
                    return error.IsMissing ? false : throw new NetlinkException($"Look-up (message {type})", error);
                else
                    return true;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    internal ref struct Batch
    {
        private readonly NetlinkSocket _socket;
        private uint _last;

        internal NetlinkWriter Writer;

        internal Batch(NetlinkSocket socket, byte[] buffer)
        {
            _socket = socket;
            Writer = new NetlinkWriter(buffer);
            Mark(Nft.NFNL_MSG_BATCH_BEGIN);
        }

        internal void BeginMessage(ushort type, ushort flags, byte family)
        {
            _last = _socket.NextSequence();
            Writer.BeginMessage(type, (ushort)(Nl.Request | Nl.Acknowledge | flags), _last);
            NfNetlink.Body(ref Writer, family);
        }

        internal readonly void EndMessage() => Writer.EndMessage();

        /// <exception cref="NetlinkException">Nothing was changed.</exception>
        internal void Commit(string failure)
        {
            Mark(Nft.NFNL_MSG_BATCH_END);
            _socket.Send(Writer.Written);
            while (true)
            {
                var reader = new NetlinkReader(_socket.Receive());
                while (reader.TryRead(out var message))
                {
                    if (message.Type != Nl.Error)
                        continue;
                    // An error of the batch as a whole has another number than any message.
                    if (NetlinkSocket.ReadError(message) is { } error)
                        throw new NetlinkException(failure, error);
                    if (message.Sequence == _last)
                        return;
                }
            }
        }

        private void Mark(ushort type)
        {
            Writer.BeginMessage(type, Nl.Request, _socket.NextSequence());
            NfNetlink.Body(ref Writer, NfNetlink.NFPROTO_UNSPEC, Nft.NFNL_SUBSYS_NFTABLES);
            Writer.EndMessage();
        }
    }
}
