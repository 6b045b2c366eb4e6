using MasterController.Linux.Probes;
using Xunit;

namespace MasterController.Tests.Probes;

public sealed class EchoMessageTests
{
    private const string Header = "4500001c000000004001b18dc0a86402c0a86401";

    [Fact]
    public void A_request_has_identifier_sequence_and_checksum()
    {
        var message = new byte[EchoMessage.Length];
        EchoMessage.WriteRequest(message, 0x1234, 0x0007);

        Assert.Equal("0800" + "e5c4" + "1234" + "0007", Convert.ToHexStringLower(message));
    }

    [Fact]
    public void A_reply_is_read_behind_its_ip_header()
    {
        Assert.True(
            EchoMessage.TryReadReply(
                Convert.FromHexString(Header + "0000edc4" + "12340007"),
                out var identifier,
                out var sequence
            )
        );
        Assert.Equal((0x1234, 7), (identifier, sequence));
    }

    [Fact]
    public void Options_of_the_ip_header_are_passed_over()
    {
        var packet = Convert.FromHexString("46" + Header[2..] + "01010101" + "0000edc4" + "12340007");

        Assert.True(EchoMessage.TryReadReply(packet, out var identifier, out _));
        Assert.Equal(0x1234, identifier);
    }

    [Theory]
    [InlineData("")]
    [InlineData("45")]
    [InlineData(Header)]
    [InlineData(Header + "0000edc4123400")] // cut short
    [InlineData(Header + "0300edc412340007")] // unreachable
    [InlineData("44" + "00001c000000004001b18dc0a86402c0a86401" + "0000edc412340007")] // a header of 16 bytes
    public void What_is_no_reply_is_none(string packet)
    {
        Assert.False(EchoMessage.TryReadReply(Convert.FromHexString(packet), out _, out _));
    }
}
