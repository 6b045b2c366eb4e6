using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netfilter;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary>
/// Reads translation of source addresses out of a rule's expressions: nftables' own, and what iptables-nft makes of its
/// rules. A value is loaded into a register, perhaps masked, and then compared; here there is one register, for rules
/// that use several at a time are not whole anyway.
/// </summary>
internal ref struct SourceNatReader
{
    private const int SourceOffset = 12; // of an IPv4 header (RFC 791)
    private const int DestinationOffset = 16;
    private const uint KnownFlags =
        Nft.NF_NAT_RANGE_PROTO_RANDOM | Nft.NF_NAT_RANGE_PROTO_RANDOM_FULLY | Nft.NF_NAT_RANGE_PERSISTENT;

    private Field _loaded;
    private int _length;
    private int _prefixLength;
    private SourceNat _rule;
    private string? _target;

    /// <summary>Null where the rule translates no source addresses.</summary>
    internal static SourceNat? Read(NftRule rule)
    {
        var reader = new SourceNatReader { _rule = new SourceNat(rule.Chain.Name, null, null, null, "") };
        var attributes = new AttributeReader(rule.Attributes);
        while (attributes.TryRead())
        {
            if (attributes.Type != Nft.NFTA_RULE_EXPRESSIONS)
                continue;
            var expressions = attributes.Nested;
            while (expressions.TryRead())
                reader.Expression(expressions.Nested);
        }
        return reader._target is null ? null : reader._rule with { Target = reader._target };
    }

    private void Expression(AttributeReader expression)
    {
        var name = "";
        var data = default(AttributeReader);
        while (expression.TryRead())
            if (expression.Type == Nft.NFTA_EXPR_NAME)
                name = expression.Text;
            else if (expression.Type == Nft.NFTA_EXPR_DATA)
                data = expression.Nested;
        switch (name)
        {
            case "counter":
                break;
            case "meta":
                _loaded = ReadMeta(data);
                break;
            case "payload":
                ReadPayload(data);
                break;
            case "bitwise":
                ReadMask(data);
                break;
            case "cmp":
                ReadComparison(data);
                break;
            case "match":
                ReadMatch(data);
                break;
            case "target":
                ReadTarget(data);
                break;
            case "masq":
                _target = SourceNat.Masquerade;
                ReadMasquerade(data);
                break;
            case "nat":
                if (Number(data, Nft.NFTA_NAT_TYPE) == Nft.NFT_NAT_SNAT)
                    _target = SourceNat.Snat;
                break;
            default:
                NotWhole();
                break;
        }
    }

    private static Field ReadMeta(AttributeReader data) =>
        Number(data, Nft.NFTA_META_KEY) switch
        {
            Nft.NFT_META_OIFNAME => Field.OutInterface,
            Nft.NFT_META_NFPROTO => Field.Protocol,
            _ => Field.Other,
        };

    private void ReadPayload(AttributeReader data)
    {
        _length = (int)(Number(data, Nft.NFTA_PAYLOAD_LEN) ?? 0);
        _prefixLength = _length * 8;
        _loaded = (Number(data, Nft.NFTA_PAYLOAD_BASE), Number(data, Nft.NFTA_PAYLOAD_OFFSET), _length) switch
        {
            (Nft.NFT_PAYLOAD_NETWORK_HEADER, SourceOffset, <= 4) => Field.Source,
            (Nft.NFT_PAYLOAD_NETWORK_HEADER, DestinationOffset, <= 4) => Field.Destination,
            _ => Field.Other,
        };
    }

    private void ReadMask(AttributeReader data)
    {
        var (mask, flipped) = (0u, true);
        while (data.TryRead())
            if (data.Type == Nft.NFTA_BITWISE_MASK)
                mask = Value(data.Nested).Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(Value(data.Nested)) : 0;
            else if (data.Type == Nft.NFTA_BITWISE_XOR)
                flipped = Value(data.Nested).ContainsAnyExcept((byte)0);
        _prefixLength = BitOperations.LeadingZeroCount(~mask);
        // One with holes is no network's.
        if (flipped || _length != 4 || BitOperations.PopCount(mask) != _prefixLength)
            _loaded = Field.Other;
    }

    private void ReadComparison(AttributeReader data)
    {
        var operation = Number(data, Nft.NFTA_CMP_OP);
        var value = ReadOnlySpan<byte>.Empty;
        while (data.TryRead())
            if (data.Type == Nft.NFTA_CMP_DATA)
                value = Value(data.Nested);
        switch (_loaded, operation)
        {
            case (Field.OutInterface, Nft.NFT_CMP_EQ or Nft.NFT_CMP_NEQ) when _rule.Out is null:
                _rule = _rule with { Out = new InterfaceMatch(InterfaceName(value), operation == Nft.NFT_CMP_NEQ) };
                break;
            case (Field.Source, Nft.NFT_CMP_EQ) when _rule.Source is null && Network(value) is { } source:
                _rule = _rule with { Source = source };
                break;
            case (Field.Destination, Nft.NFT_CMP_NEQ)
                when _rule.NotDestination is null && Network(value) is { } destination:
                _rule = _rule with { NotDestination = destination };
                break;
            case (Field.Protocol, Nft.NFT_CMP_EQ) when value is [NfNetlink.NFPROTO_IPV4, ..]:
                break;
            default:
                NotWhole();
                break;
        }
    }

    private readonly Ipv4Network? Network(ReadOnlySpan<byte> value)
    {
        if (value.Length != _length)
            return null;
        Span<byte> bytes = stackalloc byte[4];
        bytes.Clear();
        value.CopyTo(bytes);
        return Ipv4Network.Of(Ipv4Address.FromBytes(bytes), _prefixLength);
    }

    // Without a zero behind it, a name is only the beginning of one.
    private static string InterfaceName(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOf((byte)0);
        return end < 0 ? Encoding.UTF8.GetString(value) + "+" : Encoding.UTF8.GetString(value[..end]);
    }

    private void ReadMatch(AttributeReader data)
    {
        var name = ReadExtension(data, out var info);
        if (name == "comment")
            _rule = _rule with { Comment = Encoding.UTF8.GetString(info[..Math.Max(info.IndexOf((byte)0), 0)]) };
        else
            NotWhole();
    }

    private void ReadTarget(AttributeReader data)
    {
        var name = ReadExtension(data, out var info);
        if (name is not (SourceNat.Masquerade or SourceNat.Snat))
            return;
        _target = name;
        // struct nf_nat_ipv4_multi_range_compat: a count, then the flags of the first range.
        if (name == SourceNat.Masquerade && info.Length >= 8)
            ReadFlags(MemoryMarshal.Read<uint>(info[4..]));
    }

    private void ReadMasquerade(AttributeReader data)
    {
        while (data.TryRead())
            if (data.Type == Nft.NFTA_MASQ_FLAGS)
                ReadFlags(data.NetworkOrderUInt32);
            else if (data.Type == Nft.NFTA_MASQ_REG_PROTO_MIN)
                NotWhole();
    }

    private void ReadFlags(uint flags)
    {
        List<string> options = [];
        if ((flags & Nft.NF_NAT_RANGE_PROTO_RANDOM) != 0)
            options.Add("--random");
        if ((flags & Nft.NF_NAT_RANGE_PROTO_RANDOM_FULLY) != 0)
            options.Add("--random-fully");
        if ((flags & Nft.NF_NAT_RANGE_PERSISTENT) != 0)
            options.Add("--persistent");
        _rule = _rule with { Options = string.Join(' ', options) };
        if ((flags & ~KnownFlags) != 0)
            NotWhole();
    }

    private void NotWhole() => _rule = _rule with { IsWhole = false };

    // Of iptables: the name of a match or target, and its own structure.
    private static string ReadExtension(AttributeReader data, out ReadOnlySpan<byte> info)
    {
        var name = "";
        info = default;
        while (data.TryRead())
            if (data.Type == Nft.NFTA_XT_NAME)
                name = data.Text;
            else if (data.Type == Nft.NFTA_XT_INFO)
                info = data.Value;
        return name;
    }

    private static uint? Number(AttributeReader data, ushort type)
    {
        while (data.TryRead())
            if (data.Type == type)
                return data.NetworkOrderUInt32;
        return null;
    }

    private static ReadOnlySpan<byte> Value(AttributeReader data)
    {
        while (data.TryRead())
            if (data.Type == Nft.NFTA_DATA_VALUE)
                return data.Value;
        return default;
    }

    private enum Field : byte
    {
        Other,
        OutInterface,
        Protocol,
        Source,
        Destination,
    }
}
