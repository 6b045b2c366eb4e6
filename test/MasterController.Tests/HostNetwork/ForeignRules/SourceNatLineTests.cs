using MasterController.Core.HostNetwork.ForeignRules;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.Tests.HostNetwork.ForeignRules;

public sealed class SourceNatLineTests
{
    [Theory]
    [InlineData("-A POSTROUTING -s 192.168.100.0/24 -o eth0 -j MASQUERADE")]
    [InlineData("-A POSTROUTING -s 192.168.100.0/24 -j MASQUERADE --random")]
    [InlineData("-A POSTROUTING -s 192.168.100.7/32 ! -d 10.0.0.0/8 ! -o br+ -j MASQUERADE")]
    [InlineData("-A FOO -s 10.0.0.0/8 -m comment --comment \"a \\\"b\\\" c\" -j MASQUERADE --random-fully")]
    [InlineData("-A FOO -m comment --comment plain -j MASQUERADE")]
    public void What_is_read_is_written_as_it_was(string line)
    {
        var rule = SourceNatLine.Read(line);

        Assert.NotNull(rule);
        Assert.True(rule.IsWhole);
        Assert.Equal(line, rule.Text);
    }

    [Theory]
    [InlineData("192.168.100.7", "192.168.100.7/32")]
    [InlineData("192.168.0.0/255.255.0.0", "192.168.0.0/16")]
    public void A_network_may_be_written_in_other_ways(string text, string network)
    {
        Assert.Equal(
            Ipv4Network.Parse(network),
            SourceNatLine.Read($"-A POSTROUTING --source {text} --jump MASQUERADE")?.Source
        );
    }

    [Theory]
    [InlineData("-s 10.0.0.0/8 -p tcp -m tcp --dport 80 -j MASQUERADE")]
    [InlineData("-s 10.0.0.0/8 -j MASQUERADE --to-ports 1024-2048")]
    [InlineData("! -s 10.0.0.0/8 -j MASQUERADE")]
    [InlineData("-s 10.0.0.0/8 -d 192.168.0.0/16 -j MASQUERADE")]
    [InlineData("-s 10.0.0.0/255.0.255.0 -j MASQUERADE")]
    [InlineData("-s 10.0.0.0/8 -j SNAT --to-source 203.0.113.2")]
    public void One_with_further_conditions_is_not_whole(string rule)
    {
        var read = SourceNatLine.Read($"-A POSTROUTING {rule}");

        Assert.False(read!.IsWhole);
        Assert.Contains(" … -j ", read.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-A")]
    [InlineData("-A POSTROUTING -j ACCEPT")]
    [InlineData("-A POSTROUTING -s 10.0.0.0/8")]
    [InlineData("-A POSTROUTING -s")]
    [InlineData(":POSTROUTING ACCEPT [0:0]")]
    [InlineData("-N FOO")]
    public void What_translates_no_source_is_none(string line)
    {
        Assert.Null(SourceNatLine.Read(line));
    }

    [Theory]
    [InlineData("eth0", false, "eth0", true)]
    [InlineData("eth0", false, "eth00", false)]
    [InlineData("eth+", false, "eth00", true)]
    [InlineData("+", false, "anything", true)]
    [InlineData("eth0", true, "eth0", false)]
    [InlineData("docker0", true, "eth0", true)]
    public void An_interface_is_meant_or_not(string name, bool negated, string uplink, bool expected)
    {
        Assert.Equal(expected, new InterfaceMatch(name, negated).Matches(uplink));
    }
}
