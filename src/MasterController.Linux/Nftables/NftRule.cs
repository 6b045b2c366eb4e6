using System.Text;
using MasterController.Linux.Netfilter;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary>A chain that the kernel itself sends packets through, or one that rules jump to.</summary>
/// <param name="Family">A number of NFPROTO_*.</param>
public readonly record struct NftChain(byte Family, string Table, string Name)
{
    /// <summary>"ip nat POSTROUTING"; null for families that are of no concern here.</summary>
    public static NftChain? Parse(string place) =>
        place.Split(' ') is [var family, var table, var name] && NumberOf(family) is { } number
            ? new NftChain(number, table, name)
            : null;

    /// <summary>As nft writes it: "ip nat POSTROUTING".</summary>
    public override string ToString() => $"{NameOf(Family)} {Table} {Name}";

    private static byte? NumberOf(string family) =>
        family switch
        {
            "ip" => NfNetlink.NFPROTO_IPV4,
            "inet" => NfNetlink.NFPROTO_INET,
            _ => null,
        };

    private static string NameOf(byte family) =>
        family switch
        {
            NfNetlink.NFPROTO_IPV4 => "ip",
            NfNetlink.NFPROTO_INET => "inet",
            _ => $"family {family}",
        };
}

/// <summary>A rule as the kernel holds it, in attributes that can be given back to it unchanged.</summary>
/// <param name="Attributes">Its expressions and user data (NFTA_RULE_*), counters as they stood.</param>
public sealed record NftRule(NftChain Chain, ulong Handle, byte[] Attributes)
{
    /// <summary>
    /// The same for the same rule at any time and place of its chain: the attributes without what its counters have
    /// counted.
    /// </summary>
    public byte[] Content => ContentOf(Attributes);

    /// <summary><see cref="Content"/> of attributes that were kept.</summary>
    public static byte[] ContentOf(ReadOnlySpan<byte> attributes) => NftRuleContent.WithoutCounts(attributes);

    /// <summary>What it says about source addresses; null where it does not translate them.</summary>
    public SourceNat? ReadSourceNat() => SourceNatReader.Read(this);

    /// <summary><c>comment "…"</c>; null where there is none.</summary>
    public string? Comment
    {
        get
        {
            var attributes = new AttributeReader(Attributes);
            while (attributes.TryRead())
                // Entries of a type, a length, and that many bytes (libnftnl's udata).
                for (
                    var data = attributes.Type == Nft.NFTA_RULE_USERDATA ? attributes.Value : default;
                    data.Length > 2 && data.Length >= 2 + data[1];
                    data = data[(2 + data[1])..]
                )
                    if (data[0] == Nft.NFTNL_UDATA_RULE_COMMENT)
                        return Encoding.UTF8.GetString(data.Slice(2, data[1]).TrimEnd((byte)0));
            return null;
        }
    }

    internal static NftRule Read(NetlinkMessage message)
    {
        var (table, chain, handle) = ("", "", 0UL);
        var kept = new byte[message.Payload.Length];
        var writer = new NetlinkWriter(kept);
        var attributes = message.Attributes(NfNetlink.MessageBody);
        while (attributes.TryRead())
            switch (attributes.Type)
            {
                case Nft.NFTA_RULE_TABLE:
                    table = attributes.Text;
                    break;
                case Nft.NFTA_RULE_CHAIN:
                    chain = attributes.Text;
                    break;
                case Nft.NFTA_RULE_HANDLE:
                    handle = attributes.NetworkOrderUInt64;
                    break;
                case Nft.NFTA_RULE_EXPRESSIONS:
                    writer.Attribute(Nft.NFTA_RULE_EXPRESSIONS | Nl.Nested, attributes.Value);
                    break;
                case Nft.NFTA_RULE_USERDATA:
                    writer.Attribute(Nft.NFTA_RULE_USERDATA, attributes.Value);
                    break;
            }
        return new NftRule(new NftChain(message.Payload[0], table, chain), handle, writer.Written.ToArray());
    }
}
