using CsCheck;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addresses;

public sealed class Eui64Tests
{
    [Theory]
    [InlineData(0x0200_0000_0001, 0x0000_00ff_fe00_0001UL)]
    [InlineData(0x02fc_c0a8_6402, 0x00fc_c0ff_fea8_6402UL)]
    [InlineData(0x3456_789a_bcde, 0x3656_78ff_fe9a_bcdeUL)] // the example of RFC 4291, appendix A
    public void The_universal_bit_is_inverted_and_two_bytes_come_between(ulong mac, ulong expected) =>
        Assert.Equal(expected, Eui64.InterfaceId(new MacAddress(mac)));

    [Fact]
    public void Any_mac_is_read_back_from_its_identifier() =>
        Gen.ULong[0, 0xffff_ffff_ffff]
            .Sample(value =>
            {
                Assert.True(Eui64.TryReadMac(Eui64.InterfaceId(new MacAddress(value)), out var mac));
                Assert.Equal(value, mac.Value);
            });

    [Theory]
    [InlineData(1)]
    [InlineData(0x00fc_c0ff_ffa8_6402UL)]
    public void Other_identifiers_have_no_mac(ulong interfaceId) => Assert.False(Eui64.TryReadMac(interfaceId, out _));
}
