using CsCheck;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.HostNetwork.Policies;

public sealed class EgressRuleTests
{
    private static readonly Gen<IpNetwork> Networks =
        from isIpv6 in Gen.Bool
        from prefix in Gen.Int[0, 128]
        from high in Gen.ULong
        from low in Gen.ULong
        select isIpv6
            ? (IpNetwork)Ipv6Network.Of(new Ipv6Address(((UInt128)high << 64) | low), prefix)
            : Ipv4Network.Of(new Ipv4Address((uint)low), prefix / 4);

    internal static readonly Gen<EgressRule> Rules =
        from network in Networks
        from protocol in Gen.Enum<EgressProtocol>()
        from ports in Gen.Select(Gen.UShort[1, ushort.MaxValue], Gen.UShort[1, ushort.MaxValue])
        from hasPorts in Gen.Bool
        select new EgressRule(
            network,
            protocol,
            hasPorts && protocol is EgressProtocol.Tcp or EgressProtocol.Udp
                ? new PortRange(Math.Min(ports.Item1, ports.Item2), Math.Max(ports.Item1, ports.Item2))
                : null
        );

    [Fact]
    public void What_is_written_is_read_again() => Rules.Sample(rule => EgressRule.Parse(rule.ToString()) == rule);

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7/32", "203.0.113.7")]
    [InlineData("203.0.113.7:443/tcp", "203.0.113.7:443/tcp")]
    [InlineData("0.0.0.0/0:53/udp", "0.0.0.0/0:53/udp")]
    [InlineData("10.0.0.0/8:8000-8100/tcp", "10.0.0.0/8:8000-8100/tcp")]
    [InlineData("10.0.0.0/8:80-80/tcp", "10.0.0.0/8:80/tcp")]
    [InlineData("10.0.0.0/8:tcp", "10.0.0.0/8:tcp")]
    [InlineData("0.0.0.0/0:icmp", "0.0.0.0/0:icmp")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("[2001:db8::/32]", "2001:db8::/32")]
    [InlineData("2001:DB8:0::7", "2001:db8::7")]
    [InlineData("2001:db8::7/128", "2001:db8::7")]
    [InlineData("[2001:db8::/32]:443/tcp", "[2001:db8::/32]:443/tcp")]
    [InlineData("[2001:db8::7]:443/tcp", "[2001:db8::7]:443/tcp")]
    [InlineData("[2001:db8::7/128]:8000-8100/udp", "[2001:db8::7]:8000-8100/udp")]
    [InlineData("[::/0]:53/udp", "[::/0]:53/udp")]
    [InlineData("[::/0]:icmp", "[::/0]:icmp")]
    [InlineData("::/0", "::/0")]
    public void Rules_are_read_as_people_write_them(string text, string written) =>
        Assert.Equal(written, EgressRule.Parse(text).ToString());

    [Theory]
    [InlineData(null, "\"\" is not")]
    [InlineData("", "\"\" is not NETWORK")]
    [InlineData("example.org", "\"example.org\" is not NETWORK")]
    [InlineData("fd00::1/8", "\"fd00::1/8\" has host bits set; the prefix is fd00::/8")]
    [InlineData("fd00::/129", "has a prefix length that is not 0 to 128")]
    [InlineData("fd00::g", "\"fd00::g\" is not NETWORK")]
    [InlineData("fe80::1%eth0", "\"fe80::1%eth0\" is not NETWORK")]
    [InlineData("2001:db8::/32:443/tcp", "\"2001:db8::/32:443/tcp\" has no brackets around its IPv6 network")]
    [InlineData("2001:db8::7:443/tcp", "\"2001:db8::7:443/tcp\" has no brackets around its IPv6 network")]
    [InlineData("2001:db8::7:icmp", "\"2001:db8::7:icmp\" has no brackets around its IPv6 network")]
    [InlineData("[2001:db8::7", "\"[2001:db8::7\" is not NETWORK")]
    [InlineData("[2001:db8::7]443/tcp", "\"[2001:db8::7]443/tcp\" is not NETWORK")]
    [InlineData("[10.0.0.0/8]:443/tcp", "\"[10.0.0.0/8]:443/tcp\" is not NETWORK")]
    [InlineData("[]:443/tcp", "\"[]:443/tcp\" is not NETWORK")]
    [InlineData("[2001:db8::1/32]:443/tcp", "\"2001:db8::1/32\" has host bits set")]
    [InlineData("[2001:db8::/32]:443", "\"[2001:db8::/32]:443\" has a port without a protocol")]
    [InlineData("[2001:db8::/32]:0/tcp", "\"[2001:db8::/32]:0/tcp\" has ports that are not 1 to 65535")]
    [InlineData("[2001:db8::/32]:", "has a protocol that is not tcp, udp or icmp")]
    [InlineData("[2001:db8::/32]:icmpv6", "has a protocol that is not tcp, udp or icmp")]
    [InlineData("[2001:db8::/32]:8/icmp", "has ports, which icmp does not know")]
    [InlineData("10.0.0.0/8:80:tcp", "\"10.0.0.0/8:80:tcp\"")]
    [InlineData("10.0.0.1/8", "\"10.0.0.1/8\" has host bits set")]
    [InlineData("10.0.0.0/33", "has a prefix length that is not 0 to 32")]
    [InlineData("10.0.0.0/8:443", "\"10.0.0.0/8:443\" has a port without a protocol")]
    [InlineData("10.0.0.0/8:443/sctp", "has a protocol that is not tcp, udp or icmp")]
    [InlineData("10.0.0.0/8:", "has a protocol that is not tcp, udp or icmp")]
    [InlineData("10.0.0.0/8:443/", "has a protocol that is not tcp, udp or icmp")]
    [InlineData("10.0.0.0/8:/tcp", "has ports that are not 1 to 65535")]
    [InlineData("10.0.0.0/8:0/tcp", "has ports that are not 1 to 65535")]
    [InlineData("10.0.0.0/8:65536/tcp", "has ports that are not 1 to 65535")]
    [InlineData("10.0.0.0/8:90-80/tcp", "has ports that are not 1 to 65535")]
    [InlineData("10.0.0.0/8:80-/tcp", "has ports that are not 1 to 65535")]
    [InlineData("10.0.0.0/8:+80/tcp", "has ports that are not 1 to 65535")]
    [InlineData("10.0.0.0/8:8/icmp", "has ports, which icmp does not know")]
    public void What_is_no_rule_is_refused_with_the_reason(string? text, string reason)
    {
        Assert.False(EgressRule.TryParse(text, out var rule, out var error));
        Assert.Null(rule);
        Assert.Contains(reason, error);
    }
}
