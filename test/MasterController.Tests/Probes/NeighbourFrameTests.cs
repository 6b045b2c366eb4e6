using MasterController.Linux.Addresses;
using MasterController.Linux.Probes;
using Xunit;

namespace MasterController.Tests.Probes;

public sealed class NeighbourFrameTests
{
    private static readonly MacAddress Router = new(0x02fc_0000_0001);
    private static readonly MacAddress Mac = new(0x02fc_c0a8_6402);
    private static readonly Ipv6Address Gateway = Ipv6Address.Parse("fe80::1");
    private static readonly Ipv6Address Address = Ipv6Address.Parse("2001:db8:1250::100:2");

    // From the guest to the gateway, as Linux 6.18 sent it: solicited and override, with its link-layer address.
    private static readonly byte[] Advertisement = Convert.FromHexString(
        "02fc00000001"
            + "02fcc0a86402"
            + "86dd"
            + "6000000000203aff"
            + "20010db8125000000000000001000002"
            + "fe800000000000000000000000000001"
            + "88000000"
            + "60000000"
            + "20010db8125000000000000001000002"
            + "020102fcc0a86402"
    );

    [Fact]
    public void A_solicitation_goes_to_the_hardware_address_of_the_one_that_is_asked()
    {
        var frame = new byte[NeighbourFrame.Length];
        NeighbourFrame.WriteSolicitation(frame, Router, Gateway, Mac, Address);

        Assert.Equal("02fcc0a8640202fc0000000186dd", Convert.ToHexStringLower(frame, 0, 14));
        Assert.Equal(
            "6000000000203afffe80000000000000000000000000000120010db8125000000000000001000002",
            Convert.ToHexStringLower(frame, 14, 40)
        );
        Assert.Equal("8700", Convert.ToHexStringLower(frame, 54, 2));
        Assert.Equal(
            "0000000020010db8125000000000000001000002010102fc00000001",
            Convert.ToHexStringLower(frame, 58, 28)
        );
        Assert.Equal(0, Checksum(frame));
    }

    [Fact]
    public void An_announcement_goes_to_all_and_overrides_what_they_know()
    {
        var frame = new byte[NeighbourFrame.Length];
        NeighbourFrame.WriteAnnouncement(frame, Router, Address);

        Assert.Equal("33330000000102fc0000000186dd", Convert.ToHexStringLower(frame, 0, 14));
        Assert.Equal(
            "6000000000203aff20010db8125000000000000001000002ff020000000000000000000000000001",
            Convert.ToHexStringLower(frame, 14, 40)
        );
        // Not solicited (RFC 4861, 7.2.6).
        Assert.Equal(
            "a000000020010db8125000000000000001000002020102fc00000001",
            Convert.ToHexStringLower(frame, 58, 28)
        );
        Assert.Equal(0, Checksum(frame));
    }

    [Fact]
    public void An_echo_has_an_identifier_and_a_right_checksum()
    {
        var frame = new byte[NeighbourFrame.EchoLength];
        NeighbourFrame.WriteEcho(frame, Router, Gateway, Mac, Address, 0xabcd);

        Assert.Equal("8000", Convert.ToHexStringLower(frame, 54, 2));
        Assert.Equal("abcd0000", Convert.ToHexStringLower(frame, 58, 4));
        Assert.Equal(0, Checksum(frame));
    }

    [Fact]
    public void An_advertisement_says_who_has_which_address()
    {
        Assert.True(NeighbourFrame.TryReadAdvertisement(Advertisement, out var mac, out var address));
        Assert.Equal((Mac, Address), (mac, address));
        Assert.False(NeighbourFrame.TryReadEchoReply(Advertisement, out _, out _));
    }

    [Theory]
    [InlineData(12, 0x08)] // another protocol
    [InlineData(20, 17)] // UDP
    [InlineData(21, 64)] // came through a router
    [InlineData(54, 135)] // a question
    public void Other_frames_are_no_advertisement(int offset, byte value)
    {
        var frame = Advertisement.ToArray();
        frame[offset] = value;
        Assert.False(NeighbourFrame.TryReadAdvertisement(frame, out _, out _));
    }

    [Fact]
    public void What_ends_early_is_no_answer()
    {
        for (var length = 0; length < Advertisement.Length - 8; length++)
            Assert.False(NeighbourFrame.TryReadAdvertisement(Advertisement.AsSpan(0, length), out _, out _));
    }

    [Fact]
    public void An_address_is_announced_by_a_request_for_itself_to_all()
    {
        var frame = new byte[ArpFrame.Length];
        ArpFrame.WriteAnnouncement(frame, Router, Ipv4Address.Parse("203.0.113.33"));

        Assert.Equal(
            "ffffffffffff"
                + "02fc00000001"
                + "0806"
                + "0001080006040001"
                + "02fc00000001cb007121"
                + "000000000000cb007121",
            Convert.ToHexStringLower(frame)
        );
    }

    // Of a message with a right checksum it comes to nothing (RFC 1071).
    private static int Checksum(byte[] frame)
    {
        byte[] bytes = [.. frame[22..54], 0, 0, 0, (byte)(frame.Length - 54), 0, 0, 0, 58, .. frame[54..]];
        var sum = 0;
        for (var i = 0; i < bytes.Length; i += 2)
            sum += (bytes[i] << 8) | bytes[i + 1];
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return 0xffff - sum;
    }
}
