using MasterController.Linux.Addresses;
using MasterController.Linux.Advertisements;
using Xunit;

namespace MasterController.Tests.Advertisements;

public sealed class RouterAdvertisementTests
{
    private static readonly RouterAdvertisement Advertisement = new(
        new MacAddress(0x02fc_0000_0001),
        Ipv6Address.Parse("fe80::1"),
        Ipv6Network.Parse("2001:db8:1250::/64"),
        Mtu: 1500,
        []
    );

    // Ethernet to all nodes; IPv6 from fe80::1 to ff02::1 with hop limit 255; type 134, hop limit 64 for hosts, no flags.
    private const string Ethernet = "333300000001" + "02fc00000001" + "86dd";
    private const string Addresses = "fe80000000000000" + "0000000000000001" + "ff02000000000000" + "0000000000000001";
    private const string SourceAndMtu = "0101" + "02fc00000001" + "0501" + "0000" + "000005dc";
    private const string Prefix = "20010db812500000" + "0000000000000000";

    [Fact]
    public void A_router_is_advertised_for_half_an_hour_with_a_prefix_that_is_not_on_the_link() =>
        Assert.Equal(
            Ethernet
                + "60000000"
                + "0040"
                + "3aff"
                + Addresses
                + "8600"
                + "db1d"
                + "4000"
                + "0708"
                + "00000000"
                + "00000000"
                + SourceAndMtu
                + "0304"
                + "4040"
                + "00278d00"
                + "00093a80"
                + "00000000"
                + Prefix,
            Written(Advertisement)
        );

    [Fact]
    public void Name_servers_are_one_option_behind_the_others()
    {
        var resolvers = new[] { Ipv6Address.Parse("2001:db8::53"), Ipv6Address.Parse("2001:db8::54") };

        var written = Written(Advertisement with { Resolvers = resolvers });

        Assert.EndsWith(
            Prefix
                + "1905"
                + "0000"
                + "00000708"
                + "20010db8000000000000000000000053"
                + "20010db8000000000000000000000054",
            written
        );
        Assert.Equal("0068", written[36..40]);
    }

    [Fact]
    public void A_withdrawal_has_no_lifetimes()
    {
        var written = Written(
            Advertisement with
            {
                IsWithdrawal = true,
                Resolvers = [Ipv6Address.Parse("2001:db8::53")],
            }
        );

        Assert.Contains("4000" + "0000" + "00000000" + "00000000" + SourceAndMtu, written);
        Assert.Contains("0304" + "4040" + "00000000" + "00000000" + "00000000" + Prefix, written);
        Assert.EndsWith("1903" + "0000" + "00000000" + "20010db8000000000000000000000053", written);
    }

    [Fact]
    public void More_name_servers_than_fit_are_left_out()
    {
        var resolvers = Enumerable.Range(1, 40).Select(i => new Ipv6Address((UInt128)i)).ToList();

        var written = Written(Advertisement with { Resolvers = resolvers });

        Assert.True(written.Length / 2 <= RouterAdvertisement.MostBytes);
        Assert.EndsWith(
            "1911" + "0000" + "00000708" + string.Concat(Enumerable.Range(1, 8).Select(i => $"{i:x32}")),
            written
        );
    }

    [Fact]
    public void The_checksum_is_right()
    {
        var frame = new byte[RouterAdvertisement.MostBytes];
        var length = (Advertisement with { Resolvers = [Ipv6Address.Parse("2001:db8::53")] }).Write(frame);

        Assert.Equal(0, Icmp6.Checksum(frame.AsSpan(0, length)));
    }

    private static string Written(RouterAdvertisement advertisement)
    {
        var frame = new byte[RouterAdvertisement.MostBytes];
        return Convert.ToHexStringLower(frame.AsSpan(0, advertisement.Write(frame)));
    }
}
