using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary>What a rule is, apart from what it has counted.</summary>
internal static class NftRuleContent
{
    internal static byte[] WithoutCounts(ReadOnlySpan<byte> attributes)
    {
        var copy = attributes.ToArray();
        var outer = new AttributeReader(copy);
        while (outer.TryRead())
        {
            if (outer.Type != Nft.NFTA_RULE_EXPRESSIONS)
                continue;
            var expressions = outer.Nested;
            while (expressions.TryRead())
                ClearCounter(expressions.Nested, copy);
        }
        return copy;
    }

    // Bytes and packets are eight bytes each; zeros of the same length keep every offset.
    private static void ClearCounter(AttributeReader expression, Span<byte> copy)
    {
        var isCounter = false;
        while (expression.TryRead())
            if (expression.Type == Nft.NFTA_EXPR_NAME)
                isCounter = expression.Text == "counter";
            else if (expression.Type == Nft.NFTA_EXPR_DATA && isCounter)
            {
                var values = expression.Nested;
                while (values.TryRead())
                {
                    copy.Overlaps(values.Value, out var offset);
                    copy.Slice(offset, values.Value.Length).Clear();
                }
            }
    }
}
