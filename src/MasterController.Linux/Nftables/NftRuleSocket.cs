using MasterController.Linux.Netfilter;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary>
/// Rules of nftables as the kernel holds them: libnftables shows what iptables made of them, but cannot make it again.
/// Belongs to the network namespace of the thread that opened it, and to one caller at a time.
/// </summary>
public sealed class NftRuleSocket : IDisposable
{
    // What a dump gets wrong while others change rules is asked for again; a host where they never rest does without.
    private const int DumpTries = 5;

    private readonly NetlinkSocket _socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER);

    private NftRuleSocket() { }

    /// <exception cref="NetlinkException">The kernel has no nfnetlink, or no descriptor is free.</exception>
    public static NftRuleSocket Open() => new();

    /// <summary>Every rule of every table, in the order of their chains.</summary>
    public IReadOnlyList<NftRule> Rules()
    {
        var rules = new List<NftRule>();
        Dump(
            Nft.NFT_MSG_GETRULE,
            rules.Clear,
            message =>
            {
                if (message.Type == Nft.NFT_MSG_NEWRULE)
                    rules.Add(NftRule.Read(message));
            }
        );
        return rules;
    }

    /// <summary>The chains in which source addresses are translated: type nat, hook postrouting.</summary>
    public IReadOnlySet<NftChain> PostroutingChains()
    {
        var chains = new HashSet<NftChain>();
        Dump(
            Nft.NFT_MSG_GETCHAIN,
            chains.Clear,
            message =>
            {
                if (message.Type == Nft.NFT_MSG_NEWCHAIN && ReadPostrouting(message) is { } chain)
                    chains.Add(chain);
            }
        );
        return chains;
    }

    /// <summary>
    /// Makes a rule of attributes that a rule had: <c>nft add|insert rule CHAIN [position HANDLE] …</c>. At the chain's end
    /// without a neighbour.
    /// </summary>
    /// <param name="neighbour">The handle of a rule that is there.</param>
    /// <param name="after">Whether it goes behind its neighbour, or before it.</param>
    /// <exception cref="NetlinkException">Refused: there is no such chain or neighbour.</exception>
    public void Add(NftChain chain, ReadOnlySpan<byte> attributes, ulong? neighbour, bool after)
    {
        var buffer = new byte[512 + attributes.Length];
        var writer = new NetlinkWriter(buffer);
        BatchMark(ref writer, Nft.NFNL_MSG_BATCH_BEGIN);
        var sequence = _socket.NextSequence();
        var position = after || neighbour is null ? Nl.Append : (ushort)0;
        writer.BeginMessage(
            Nft.NFT_MSG_NEWRULE,
            (ushort)(Nl.Request | Nl.Acknowledge | Nl.Create | position),
            sequence
        );
        NfNetlink.Body(ref writer, chain.Family);
        writer.Attribute(Nft.NFTA_RULE_TABLE, chain.Table);
        writer.Attribute(Nft.NFTA_RULE_CHAIN, chain.Name);
        if (neighbour is { } handle)
            writer.NetworkOrderAttribute(Nft.NFTA_RULE_POSITION, handle);
        writer.Bytes(attributes);
        writer.EndMessage();
        BatchMark(ref writer, Nft.NFNL_MSG_BATCH_END);
        _socket.Send(writer.Written);
        Acknowledge(chain, sequence);
    }

    public void Dispose() => _socket.Dispose();

    private void Acknowledge(NftChain chain, uint sequence)
    {
        while (true)
        {
            var reader = new NetlinkReader(_socket.Receive());
            while (reader.TryRead(out var message))
            {
                if (message.Type != Nl.Error)
                    continue;
                // An error of the batch as a whole has another number than the rule.
                if (NetlinkSocket.ReadError(message) is { } error)
                    throw new NetlinkException($"A rule could not be added to {chain}", error);
                if (message.Sequence == sequence)
                    return;
            }
        }
    }

    private void Dump(ushort type, Action clear, NetlinkSocket.MessageHandler visit)
    {
        Span<byte> request = stackalloc byte[32];
        for (var tries = 0; tries < DumpTries; tries++)
        {
            clear();
            var writer = new NetlinkWriter(request);
            writer.BeginMessage(type, Nl.Request | Nl.Dump, _socket.NextSequence());
            NfNetlink.Body(ref writer, NfNetlink.NFPROTO_UNSPEC);
            writer.EndMessage();
            if (_socket.Dump(writer, visit))
                return;
        }
        throw new NetlinkException("The rules of nftables kept changing while they were read");
    }

    private void BatchMark(ref NetlinkWriter writer, ushort type)
    {
        writer.BeginMessage(type, Nl.Request, _socket.NextSequence());
        NfNetlink.Body(ref writer, NfNetlink.NFPROTO_UNSPEC, Nft.NFNL_SUBSYS_NFTABLES);
        writer.EndMessage();
    }

    private static NftChain? ReadPostrouting(NetlinkMessage message)
    {
        var (table, name, type, hook) = ("", "", "", uint.MaxValue);
        var attributes = message.Attributes(NfNetlink.MessageBody);
        while (attributes.TryRead())
            switch (attributes.Type)
            {
                case Nft.NFTA_CHAIN_TABLE:
                    table = attributes.Text;
                    break;
                case Nft.NFTA_CHAIN_NAME:
                    name = attributes.Text;
                    break;
                case Nft.NFTA_CHAIN_TYPE:
                    type = attributes.Text;
                    break;
                case Nft.NFTA_CHAIN_HOOK:
                    var values = attributes.Nested;
                    while (values.TryRead())
                        if (values.Type == Nft.NFTA_HOOK_HOOKNUM)
                            hook = values.NetworkOrderUInt32;
                    break;
            }
        return type == "nat" && hook == Nft.NF_INET_POST_ROUTING ? new NftChain(message.Payload[0], table, name) : null;
    }
}
