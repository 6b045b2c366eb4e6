using CsCheck;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.HostNetwork.Policies;

public sealed class EgressRuleTests
{
    internal static readonly Gen<EgressRule> Rules =
        from prefix in Gen.Int[0, 32]
        from address in Gen.UInt
        from protocol in Gen.Enum<EgressProtocol>()
        from ports in Gen.Select(Gen.UShort[1, ushort.MaxValue], Gen.UShort[1, ushort.MaxValue])
        from hasPorts in Gen.Bool
        select new EgressRule(
            Ipv4Network.Of(new Ipv4Address(address), prefix),
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
    public void Rules_are_read_as_people_write_them(string text, string written) =>
        Assert.Equal(written, EgressRule.Parse(text).ToString());

    [Theory]
    [InlineData(null, "\"\" is not")]
    [InlineData("", "\"\" is not NETWORK")]
    [InlineData("example.org", "\"example.org\" is not NETWORK")]
    [InlineData("fd00::/8", "\"fd00::/8\" is not NETWORK")]
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
