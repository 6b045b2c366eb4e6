using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.Tests.Nftables;

public sealed class NftDataTests
{
    private static readonly NftData _address = NftData.Of(Ipv4Address.Parse("192.168.1.2"));
    private static readonly NftData _address6 = NftData.Of(Ipv6Address.Parse("2001:db8::1:2"));

    [Fact]
    public void Each_field_is_filled_up_to_four_bytes()
    {
        Assert.Equal("c0a80102", _address.ToString());
        Assert.Equal("c0a80102" + "06000000" + "00500000", _address.WithProtocol(6).WithPort(80).ToString());
        Assert.Equal("11000000" + "ffff0000", NftData.Protocol(17).WithPort(65535).ToString());
        Assert.Equal(
            "20010db8000000000000000000010002" + "06000000" + "00160000",
            _address6.WithProtocol(6).WithPort(22).ToString()
        );
    }

    [Fact]
    public void Fields_are_read_back_where_they_are()
    {
        var key = _address6.WithProtocol(17).WithPort(8080);

        Assert.Equal(24, key.Length);
        Assert.Equal("2001:db8::1:2", key.AsIpv6.ToString());
        Assert.Equal(17, key.ProtocolAt(16));
        Assert.Equal(8080, key.PortAt(20));
        Assert.Equal("192.168.1.2", NftData.Protocol(6).With(_address).Ipv4At(4).ToString());
    }

    [Fact]
    public void Numbers_have_the_machines_byte_order()
    {
        Assert.Equal(0x0001_0002u, NftData.Number(0x0001_0002).AsNumber);
        Assert.Equal(BitConverter.IsLittleEndian ? "02000100" : "00010002", NftData.Number(0x0001_0002).ToString());
    }

    [Fact]
    public void Order_is_that_of_bytes()
    {
        NftData[] sorted =
        [
            NftData.Protocol(6).WithPort(80),
            NftData.Protocol(6).WithPort(443),
            NftData.Protocol(17).WithPort(53),
            _address,
            NftData.Of(Ipv4Address.Parse("255.0.0.1")),
        ];

        Assert.Equal(sorted, sorted.Reverse().Order());
    }

    [Fact]
    public void More_bytes_than_there_is_room_for_are_refused()
    {
        Assert.Throws<ArgumentException>(() => _address6.With(_address6));
        Assert.Throws<ArgumentException>(() => NftData.FromBytes(new byte[NftData.MostBytes + 1]));
    }
}
