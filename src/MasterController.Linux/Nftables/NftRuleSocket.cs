using MasterController.Linux.Netfilter;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary>
/// Rules of nftables as the kernel holds them: libnftables shows what iptables made of them, but cannot make it again.
/// Belongs to the network namespace of the thread that opened it, and to one caller at a time.
/// </summary>
public sealed class NftRuleSocket : IDisposable
{
    private readonly NftSocket _socket = new();

    private NftRuleSocket() { }

    /// <exception cref="NetlinkException">The kernel has no nfnetlink, or no descriptor is free.</exception>
    public static NftRuleSocket Open() => new();

    /// <summary>Every rule of every table, in the order of their chains.</summary>
    public IReadOnlyList<NftRule> Rules()
    {
        var rules = new List<NftRule>();
        _socket.Dump(
            Nft.NFT_MSG_GETRULE,
            NfNetlink.NFPROTO_UNSPEC,
            NftSocket.Nothing,
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
        _socket.Dump(
            Nft.NFT_MSG_GETCHAIN,
            NfNetlink.NFPROTO_UNSPEC,
            NftSocket.Nothing,
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
        var batch = _socket.BeginBatch(attributes.Length + 512);
        var position = after || neighbour is null ? Nl.Append : (ushort)0;
        batch.BeginMessage(Nft.NFT_MSG_NEWRULE, (ushort)(Nl.Create | position), chain.Family);
        batch.Writer.Attribute(Nft.NFTA_RULE_TABLE, chain.Table);
        batch.Writer.Attribute(Nft.NFTA_RULE_CHAIN, chain.Name);
        if (neighbour is { } handle)
            batch.Writer.NetworkOrderAttribute(Nft.NFTA_RULE_POSITION, handle);
        batch.Writer.Bytes(attributes);
        batch.EndMessage();
        batch.Commit($"A rule could not be added to {chain}");
    }

    public void Dispose() => _socket.Dispose();

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
