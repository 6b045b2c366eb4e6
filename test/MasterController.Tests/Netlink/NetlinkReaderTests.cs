using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.Tests.Netlink;

public sealed class NetlinkReaderTests
{
    [Fact]
    public void Messages_are_read_one_after_the_other()
    {
        var bytes = Convert.FromHexString(
            "14000000100002000700000000000000aabbccdd" + "10000000030000000800000000000000"
        );
        var reader = new NetlinkReader(bytes);

        Assert.True(reader.TryRead(out var first));
        Assert.Equal(
            (16, 2, 7u, "AABBCCDD"),
            (first.Type, first.Flags, first.Sequence, Convert.ToHexString(first.Payload))
        );
        Assert.True(reader.TryRead(out var second));
        Assert.Equal((3, 8u, 0), (second.Type, second.Sequence, second.Payload.Length));
        Assert.False(reader.TryRead(out _));
    }

    [Theory]
    [InlineData("10000000")] // ends within the header
    [InlineData("0f000000030000000800000000000000")] // shorter than a header
    [InlineData("11000000030000000800000000000000")] // longer than the datagram
    [InlineData("ffffffff030000000800000000000000")] // negative
    public void A_length_that_does_not_fit_is_an_error(string hex)
    {
        Assert.Throws<NetlinkException>(() => new NetlinkReader(Convert.FromHexString(hex)).TryRead(out _));
    }

    [Fact]
    public void Attributes_are_read_with_their_flags_removed_and_padding_skipped()
    {
        var reader = new AttributeReader(
            Convert.FromHexString("05000180070000000a00024001020304050600000800030009000000")
        );

        Assert.True(reader.TryRead());
        Assert.Equal((1, 7), (reader.Type, reader.Byte));
        Assert.True(reader.TryRead());
        Assert.Equal((2, 6), (reader.Type, reader.Value.Length));
        Assert.True(reader.TryRead());
        Assert.Equal((3, 9u), (reader.Type, reader.UInt32));
        Assert.False(reader.TryRead());
    }

    [Theory]
    [InlineData("030001000700")] // shorter than its own header
    [InlineData("0900010007000000")] // longer than what is left
    [InlineData("0800")] // ends within the header
    public void Attributes_that_do_not_fit_end_the_list(string hex)
    {
        var reader = new AttributeReader(Convert.FromHexString(hex));

        Assert.False(reader.TryRead());
    }

    [Fact]
    public void An_acknowledgement_is_no_error()
    {
        var reader = new NetlinkReader(
            Convert.FromHexString("240000000200000107000000000000000000000020000000130005000700000000000000")
        );
        reader.TryRead(out var message);

        Assert.Null(NetlinkSocket.ReadError(message));
    }

    [Fact]
    public void A_refusal_carries_errno_and_the_kernels_words()
    {
        // NLM_F_CAPPED | NLM_F_ACK_TLVS; -22; the request's header; NLMSGERR_ATTR_MSG "bad"
        var reader = new NetlinkReader(
            Convert.FromHexString(
                "2c000000020000030700000000000000"
                    + "eaffffff"
                    + "34000000180005050700000000000000"
                    + "0800010062616400"
            )
        );
        reader.TryRead(out var message);

        var error = NetlinkSocket.ReadError(message);

        Assert.Equal(new NetlinkError(22, "bad"), error);
        Assert.Equal("EINVAL (Invalid argument): bad", error!.ToString());
    }

    [Fact]
    public void The_kernels_words_are_found_behind_a_request_that_is_echoed_in_full()
    {
        // NLM_F_ACK_TLVS alone: a request of 20 bytes is repeated
        var reader = new NetlinkReader(
            Convert.FromHexString(
                "30000000020000020700000000000000"
                    + "edffffff"
                    + "14000000180005050700000000000000"
                    + "00000000"
                    + "0800010062616400"
            )
        );
        reader.TryRead(out var message);

        Assert.Equal(new NetlinkError(19, "bad"), NetlinkSocket.ReadError(message));
    }
}
