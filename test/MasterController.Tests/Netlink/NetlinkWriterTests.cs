using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.Tests.Netlink;

public sealed class NetlinkWriterTests
{
    [Fact]
    public void A_message_has_its_length_type_flags_and_sequence()
    {
        var writer = new NetlinkWriter(new byte[64]);
        writer.BeginMessage(16, 5, 0x01020304);
        writer.UInt32(0xaabbccdd);
        writer.EndMessage();

        Assert.Equal("14000000 1000 0500 04030201 00000000 ddccbbaa", Hex(writer.Written, 4, 2, 2, 4, 4, 4));
    }

    [Fact]
    public void Attributes_are_padded_to_four_bytes_and_their_length_is_not()
    {
        var writer = new NetlinkWriter(new byte[64]);
        writer.Attribute(1, (byte)7);
        writer.Attribute(2, [1, 2, 3, 4, 5, 6]);

        Assert.Equal("0500 0100 07000000 0a00 0200 0102030405060000", Hex(writer.Written, 2, 2, 4, 2, 2, 8));
    }

    [Fact]
    public void Text_ends_in_zero()
    {
        var writer = new NetlinkWriter(new byte[64]);
        writer.Attribute(3, "fc0a000001");

        Assert.Equal("0f00 0300 6663306130303030303100 00", Hex(writer.Written, 2, 2, 11, 1));
    }

    [Fact]
    public void Addresses_are_in_network_order_and_numbers_in_the_hosts()
    {
        var writer = new NetlinkWriter(new byte[64]);
        writer.NetworkOrderAttribute(1, 0xc0a86402);
        writer.Attribute(4, 7u);

        Assert.Equal("0800 0100 c0a86402 0800 0400 07000000", Hex(writer.Written, 2, 2, 4, 2, 2, 4));
    }

    [Fact]
    public void A_nested_attribute_carries_its_flag_and_the_length_of_what_it_holds()
    {
        var writer = new NetlinkWriter(new byte[64]);
        var outer = writer.BeginNested(26);
        var inner = writer.BeginNested(2);
        writer.Attribute(3, 1u);
        writer.EndNested(inner);
        writer.EndNested(outer);

        Assert.Equal("1000 1a80 0c00 0280 0800 0300 01000000", Hex(writer.Written, 2, 2, 2, 2, 2, 2, 4));
    }

    internal static string Hex(ReadOnlySpan<byte> bytes, params int[] groups)
    {
        var parts = new List<string>();
        var start = 0;
        foreach (var length in groups)
        {
            parts.Add(Convert.ToHexStringLower(bytes.Slice(start, length)));
            start += length;
        }
        Assert.Equal(bytes.Length, start);
        return string.Join(' ', parts);
    }
}
