using MasterController.Core.HostNetwork.Dedicated;
using Xunit;

namespace MasterController.Tests.Configuration;

public sealed class ExternalConfigTests
{
    [Fact]
    public void What_is_written_is_in_force()
    {
        using var file = new ConfigFile(
            """
            [external]
            ipv6 = "2001:db8:1250::/64"
            ipv6_delivery = "on-link"
            ipv4 = ["203.0.113.32/28", "198.51.100.7"]
            forward_ports = "30000-30999"
            cooldown_seconds = 5
            probe_url = "https://probe.example/check"
            [types.cli]
            ipv6 = true
            router_advertisements = true
            """
        );
        var settings = file.Load().Settings!;
        Assert.Equal("2001:db8:1250::/64", $"{settings.External.Networks.Ipv6}");
        Assert.Equal(PrefixDelivery.OnLink, settings.External.Networks.Wish);
        Assert.Equal(["203.0.113.32/28", "198.51.100.7/32"], settings.External.Networks.Ipv4.Select(n => $"{n}"));
        Assert.Equal("30000-30999", $"{settings.External.ForwardPorts}");
        Assert.Equal(TimeSpan.FromSeconds(5), settings.External.Cooldown);
        Assert.Equal("https://probe.example/check", $"{settings.External.ProbeUrl}");
        Assert.True(settings.Vm.Types["cli"] is { Ipv6: true, RouterAdvertisements: true });
        Assert.True(settings.Vm.Types["browser"] is { Ipv6: false, RouterAdvertisements: false });
    }

    [Theory]
    [InlineData("ipv6 = \"fd00::/64\"", "external.ipv6", "fd00::/64 is not global unicast")]
    [InlineData("ipv6 = \"fe80::/64\"", "external.ipv6", "fe80::/64 is not global unicast")]
    [InlineData("ipv6 = \"2001:db8::1/64\"", "external.ipv6", "host bits")]
    [InlineData("ipv6 = \"2001:db8::/47\"", "external.ipv6", "2001:db8::/47 is not /48 to /112")]
    [InlineData("ipv6 = \"2001:db8::/113\"", "external.ipv6", "2001:db8::/113 is not /48 to /112")]
    [InlineData("ipv6 = \"192.0.2.0/24\"", "external.ipv6", "is not an IPv6 prefix")]
    [InlineData("ipv6_delivery = \"bgp\"", "external.ipv6_delivery", "\"bgp\" is none of them")]
    [InlineData("ipv4 = [\"203.0.0.0/15\"]", "external.ipv4", "203.0.0.0/15 is larger than a /16")]
    [InlineData(
        "ipv4 = [\"203.0.113.0/24\", \"203.0.113.32/28\"]",
        "external.ipv4",
        "203.0.113.32/28 overlaps 203.0.113.0/24"
    )]
    [InlineData(
        "ipv4 = [\"192.168.100.0/28\"]",
        "external.ipv4",
        "overlaps pool.default.cidr, which is 192.168.100.0/24"
    )]
    [InlineData("ipv4 = [\"127.0.0.0/24\"]", "external.ipv4", "127.0.0.0/24 overlaps 127.0.0.0/8")]
    [InlineData("forward_ports = \"80-90\"", "external.forward_ports", "80 is under 1024")]
    [InlineData("forward_ports = \"30000-20000\"", "external.forward_ports", "30000-20000 runs backwards")]
    [InlineData("forward_ports = \"20000-70000\"", "external.forward_ports", "port 70000 is not 1 to 65535")]
    [InlineData("cooldown_seconds = -1", "external.cooldown_seconds", "-1 is out of range")]
    [InlineData("probe_url = \"ftp://x\"", "external.probe_url", "is not an http or https URL")]
    [InlineData("[types.cli]\nipv6 = true", "types.cli.ipv6", "external.ipv6 is empty")]
    [InlineData(
        "ipv6 = \"2001:db8::/80\"\n[types.cli]\nrouter_advertisements = true",
        "types.cli.router_advertisements",
        "external.ipv6 is 2001:db8::/80"
    )]
    [InlineData(
        "ipv6 = \"2001:db8::/112\"\n[pool.default]\ncidr = \"10.0.0.0/8\"",
        "external.ipv6",
        "2001:db8::/112 is too small for 10.0.0.0/8"
    )]
    public void What_cannot_be_is_refused_by_its_key(string written, string key, string why)
    {
        using var file = new ConfigFile($"[external]\n{written}");
        var loaded = file.Load();
        Assert.Null(loaded.Settings);
        var error = Assert.Single(loaded.Errors);
        Assert.Equal(key, error.Key);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
