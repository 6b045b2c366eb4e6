using MasterController.Linux.Addresses;
using MasterController.Linux.Probes;
using Xunit;

namespace MasterController.Tests.Probes;

public sealed class ArpFrameTests
{
    private static readonly MacAddress Router = new(0x02fc_0000_0001);
    private static readonly MacAddress Mac = new(0x02fc_c0a8_6402);
    private static readonly Ipv4Address Address = Ipv4Address.Parse("192.168.100.2");
    private static readonly byte[] Reply = Convert.FromHexString(
        "02fc00000001" + "02fcc0a86402" + "0806" + "0001080006040002" + "02fcc0a86402c0a86402" + "02fc00000001c0a86401"
    );

    [Fact]
    public void A_request_goes_to_the_hardware_address_of_the_one_that_is_asked()
    {
        var frame = new byte[ArpFrame.Length];
        ArpFrame.WriteRequest(frame, Router, Ipv4Address.Parse("192.168.100.1"), Mac, Address);

        Assert.Equal(
            "02fcc0a86402"
                + "02fc00000001"
                + "0806"
                + "0001080006040001"
                + "02fc00000001c0a86401"
                + "000000000000c0a86402",
            Convert.ToHexStringLower(frame)
        );
    }

    [Fact]
    public void A_reply_says_who_has_which_address()
    {
        Assert.True(ArpFrame.TryReadReply(Reply, out var mac, out var address));
        Assert.Equal((Mac, Address), (mac, address));
    }

    [Theory]
    [InlineData(21, 1)] // a request
    [InlineData(17, 6)] // another protocol's addresses
    [InlineData(11, 3)] // another sender in the Ethernet header
    public void What_is_no_honest_reply_is_none(int offset, byte value)
    {
        var frame = (byte[])Reply.Clone();
        frame[offset] = value;

        Assert.False(ArpFrame.TryReadReply(frame, out _, out _));
    }

    [Fact]
    public void A_frame_that_is_cut_short_is_no_reply()
    {
        Assert.False(ArpFrame.TryReadReply(Reply.AsSpan(0, 41), out _, out _));
        Assert.False(ArpFrame.TryReadReply([], out _, out _));
    }
}
