using System.Buffers.Binary;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary>An element of a set or map whose keys have four bytes.</summary>
/// <param name="Key">As the kernel compares it, its first byte the highest.</param>
/// <param name="Value">Of a map with values of four bytes, in the machine's byte order.</param>
/// <param name="Chain">Of a verdict map: where to.</param>
/// <param name="Flags">NFT_SET_ELEM_*: of an interval set, 1 is the element behind an interval.</param>
public readonly record struct NftElement(uint Key, uint? Value, string? Chain = null, uint Flags = 0)
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
                    result = result with { Key = ReadKey(attributes.Nested) };
                    break;
                case Nft.NFTA_SET_ELEM_DATA:
                    result = ReadData(result, attributes.Nested);
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

    /// <summary>The key of a set of the type ifname: sixteen bytes, filled up with zeros.</summary>
    internal static string ReadName(AttributeReader attributes)
    {
        while (attributes.TryRead())
        {
            if (attributes.Type != Nft.NFTA_SET_ELEM_KEY)
                continue;
            var data = attributes.Nested;
            while (data.TryRead())
                if (data.Type == Nft.NFTA_DATA_VALUE)
                    return data.Text;
        }
        return "";
    }

    private static uint ReadKey(AttributeReader data)
    {
        while (data.TryRead())
            if (data.Type == Nft.NFTA_DATA_VALUE && data.Value.Length == sizeof(uint))
                return BinaryPrimitives.ReadUInt32BigEndian(data.Value);
        return 0;
    }

    private static NftElement ReadData(NftElement element, AttributeReader data)
    {
        while (data.TryRead())
            if (data.Type == Nft.NFTA_DATA_VALUE && data.Value.Length == sizeof(uint))
                element = element with { Value = data.UInt32 };
            else if (data.Type == Nft.NFTA_DATA_VERDICT)
            {
                var verdict = data.Nested;
                while (verdict.TryRead())
                    if (verdict.Type == Nft.NFTA_VERDICT_CHAIN)
                        element = element with { Chain = verdict.Text };
            }
        return element;
    }
}
