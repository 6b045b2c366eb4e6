using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary>An element of a set or map.</summary>
/// <param name="Value">Of a map with values, not verdicts.</param>
/// <param name="Chain">Of a verdict map: where to.</param>
/// <param name="Flags">NFT_SET_ELEM_*: of an interval set, 1 is the element behind an interval.</param>
public readonly record struct NftElement(NftData Key, NftData? Value = null, string? Chain = null, uint Flags = 0)
{
    /// <summary>Of a set with <c>flags dynamic</c>.</summary>
    public NftLimit? Limit { get; init; }

    internal static NftElement Read(AttributeReader attributes)
    {
        var result = default(NftElement);
        while (attributes.TryRead())
            switch (attributes.Type)
            {
                case Nft.NFTA_SET_ELEM_KEY:
                    result = result with { Key = ReadValue(attributes.Nested) ?? default };
                    break;
                case Nft.NFTA_SET_ELEM_DATA:
                    result = result with { Value = ReadValue(attributes.Nested), Chain = ReadChain(attributes.Nested) };
                    break;
                case Nft.NFTA_SET_ELEM_EXPR:
                    result = result with { Limit = NftLimit.Read(attributes.Nested) };
                    break;
                case Nft.NFTA_SET_ELEM_FLAGS:
                    result = result with { Flags = attributes.NetworkOrderUInt32 };
                    break;
            }
        return result;
    }

    /// <summary>Without a value or a chain as the key of what is to be found or removed.</summary>
    internal void Write(ref NetlinkWriter writer)
    {
        var outer = writer.BeginNested(Nft.NFTA_LIST_ELEM);
        Write(ref writer, Nft.NFTA_SET_ELEM_KEY, Key);
        if (Value is { } value)
            Write(ref writer, Nft.NFTA_SET_ELEM_DATA, value);
        if (Limit is { } limit)
        {
            var expression = writer.BeginNested(Nft.NFTA_SET_ELEM_EXPR);
            limit.Write(ref writer);
            writer.EndNested(expression);
        }
        writer.EndNested(outer);
    }

    private static void Write(ref NetlinkWriter writer, ushort type, NftData data)
    {
        Span<byte> bytes = stackalloc byte[NftData.MostBytes];
        data.WriteBytes(bytes);
        var outer = writer.BeginNested(type);
        writer.Attribute(Nft.NFTA_DATA_VALUE, bytes[..data.Length]);
        writer.EndNested(outer);
    }

    // What is longer than any of ours is none of ours.
    private static NftData? ReadValue(AttributeReader data)
    {
        while (data.TryRead())
            if (data.Type == Nft.NFTA_DATA_VALUE && data.Value.Length <= NftData.MostBytes)
                return NftData.FromBytes(data.Value);
        return null;
    }

    private static string? ReadChain(AttributeReader data)
    {
        while (data.TryRead())
        {
            if (data.Type != Nft.NFTA_DATA_VERDICT)
                continue;
            var verdict = data.Nested;
            while (verdict.TryRead())
                if (verdict.Type == Nft.NFTA_VERDICT_CHAIN)
                    return verdict.Text;
        }
        return null;
    }
}
