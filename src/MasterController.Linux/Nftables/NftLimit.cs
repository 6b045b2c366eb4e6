using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary><c>limit rate over RATE/second burst BURST</c>: a bucket that matches packets for as long as it is empty.</summary>
/// <param name="Burst">Of bytes, what the bucket holds beside a second's worth; of packets, all that it holds.</param>
public readonly record struct NftLimit(ulong PerSecond, uint Burst, bool CountsBytes)
{
    private const string Name = "limit";

    /// <summary>As nft writes it.</summary>
    public override string ToString() =>
        CountsBytes
            ? $"limit rate over {PerSecond} bytes/second burst {Burst} bytes"
            : $"limit rate over {PerSecond}/second burst {Burst} packets";

    internal void Write(ref NetlinkWriter writer)
    {
        writer.Attribute(Nft.NFTA_EXPR_NAME, Name);
        var data = writer.BeginNested(Nft.NFTA_EXPR_DATA);
        writer.NetworkOrderAttribute(Nft.NFTA_LIMIT_RATE, PerSecond);
        writer.NetworkOrderAttribute(Nft.NFTA_LIMIT_UNIT, 1UL);
        writer.NetworkOrderAttribute(Nft.NFTA_LIMIT_BURST, Burst);
        writer.NetworkOrderAttribute(Nft.NFTA_LIMIT_TYPE, CountsBytes ? Nft.NFT_LIMIT_PKT_BYTES : 0);
        writer.NetworkOrderAttribute(Nft.NFTA_LIMIT_FLAGS, Nft.NFT_LIMIT_F_INV);
        writer.EndNested(data);
    }

    /// <summary>Null for another expression, and for a limit of another sort than these.</summary>
    internal static NftLimit? Read(AttributeReader expression)
    {
        var isLimit = false;
        while (expression.TryRead())
            if (expression.Type == Nft.NFTA_EXPR_NAME)
                isLimit = expression.Text == Name;
            else if (expression.Type == Nft.NFTA_EXPR_DATA && isLimit)
                return ReadData(expression.Nested);
        return null;
    }

    private static NftLimit? ReadData(AttributeReader data)
    {
        var (result, unit, flags) = (default(NftLimit), 0UL, 0u);
        while (data.TryRead())
            switch (data.Type)
            {
                case Nft.NFTA_LIMIT_RATE:
                    result = result with { PerSecond = data.NetworkOrderUInt64 };
                    break;
                case Nft.NFTA_LIMIT_UNIT:
                    unit = data.NetworkOrderUInt64;
                    break;
                case Nft.NFTA_LIMIT_BURST:
                    result = result with { Burst = data.NetworkOrderUInt32 };
                    break;
                case Nft.NFTA_LIMIT_TYPE:
                    result = result with { CountsBytes = data.NetworkOrderUInt32 == Nft.NFT_LIMIT_PKT_BYTES };
                    break;
                case Nft.NFTA_LIMIT_FLAGS:
                    flags = data.NetworkOrderUInt32;
                    break;
            }
        return (unit, flags) == (1UL, Nft.NFT_LIMIT_F_INV) ? result : null;
    }
}
