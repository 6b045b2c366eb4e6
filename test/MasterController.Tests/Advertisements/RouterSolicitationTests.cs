using System.Buffers.Binary;
using MasterController.Linux.Advertisements;
using Xunit;

namespace MasterController.Tests.Advertisements;

/// <summary>What a router heeds (RFC 4861, 6.1.1), literally.</summary>
public sealed class RouterSolicitationTests
{
    private const string Ethernet = "333300000002" + "02fcc0a86402" + "86dd";
    private const string LinkLocal = "fe8000000000000000fcc0fffea86402";
    private const string Nobody = "00000000000000000000000000000000";
    private const string AllRouters = "ff020000000000000000000000000002";
    private const string SourceOption = "0101" + "02fcc0a86402";

    [Theory]
    [InlineData(LinkLocal, SourceOption)]
    [InlineData(LinkLocal, "")]
    [InlineData(Nobody, "")]
    [InlineData(LinkLocal, SourceOption + "0e01000000000000")] // a nonce (RFC 3971): unknown options are passed over
    public void A_question_of_a_host_is_heeded(string source, string options)
    {
        Assert.True(RouterSolicitation.IsValid(Frame(source, options)));
        // As Ethernet fills up short frames.
        Assert.True(RouterSolicitation.IsValid([.. Frame(source, options), 0, 0, 0, 0]));
    }

    [Theory]
    [InlineData(Nobody, SourceOption)] // from nobody, who yet has an address
    [InlineData(LinkLocal, "0100" + "02fcc0a86402")] // an option without a length
    [InlineData(LinkLocal, "0102" + "02fcc0a86402")] // longer than the message
    [InlineData(LinkLocal, "01")]
    public void Options_that_cannot_be_are_not_heeded(string source, string options) =>
        Assert.False(RouterSolicitation.IsValid(Frame(source, options)));

    [Theory]
    [InlineData(12, 0x08)] // not IPv6
    [InlineData(18, 0xff)] // longer than the frame
    [InlineData(19, 0x04)] // shorter than a solicitation
    [InlineData(20, 0x3b)] // not ICMPv6
    [InlineData(21, 0xfe)] // from somewhere behind a router
    [InlineData(54, 0x87)] // a neighbour solicitation
    [InlineData(55, 0x01)] // a code
    [InlineData(56, 0x55)] // a wrong checksum
    public void What_is_not_one_is_not_heeded(int offset, byte value)
    {
        var frame = Frame(LinkLocal, SourceOption);
        frame[offset] = value;

        Assert.False(RouterSolicitation.IsValid(frame));
    }

    [Fact]
    public void A_part_of_one_is_not_heeded()
    {
        var frame = Frame(LinkLocal, SourceOption);
        for (var length = 0; length < frame.Length; length++)
            Assert.False(RouterSolicitation.IsValid(frame.AsSpan(0, length)));
    }

    [Fact]
    public void A_literal_one_is_heeded() =>
        // As Linux sends it with the MAC 02:fc:c0:a8:64:02.
        Assert.True(
            RouterSolicitation.IsValid(
                Convert.FromHexString(
                    Ethernet
                        + "60000000"
                        + "0010"
                        + "3aff"
                        + "fe80000000000000"
                        + "00fcc0fffea86402"
                        + AllRouters
                        + "8500"
                        + "2fe0"
                        + "00000000"
                        + SourceOption
                )
            )
        );

    private static byte[] Frame(string source, string options)
    {
        var length = (8 + (options.Length / 2)).ToString("x4");
        var frame = Convert.FromHexString(
            Ethernet + "60000000" + length + "3aff" + source + AllRouters + "8500" + "0000" + "00000000" + options
        );
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(56), Icmp6.Checksum(frame));
        return frame;
    }
}
