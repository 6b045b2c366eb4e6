using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using Xunit;

namespace MasterController.Tests.External;

public sealed class ExternalTextTests
{
    [Theory]
    [InlineData("tcp/22")]
    [InlineData("tcp/80-90")]
    [InlineData("udp/1-65535")]
    [InlineData("icmp")]
    [InlineData("all")]
    public void Services_are_read_as_they_are_shown(string text)
    {
        Assert.True(ExternalText.TryReadService(text, out var service, out var error), error);
        Assert.Equal(text, service.ToString());
    }

    [Theory]
    [InlineData("tcp/0", "\"tcp/0\": port 0 is not 1 to 65535")]
    [InlineData("tcp/65536", "\"tcp/65536\": port 65536 is not 1 to 65535")]
    [InlineData("udp/90-80", "\"udp/90-80\": the range 90-80 runs backwards")]
    [InlineData("tcp", "\"tcp\" has no port, such as tcp/22")]
    [InlineData("tcp/", "\"tcp/\": \"\" is not a port or a range of them, such as 8080 or 8000-8010")]
    [InlineData("tcp/1-2-3", "\"tcp/1-2-3\": \"2-3\" is not a port or a range of them, such as 8080 or 8000-8010")]
    [InlineData("icmp/8", "\"icmp/8\" has ports, which \"icmp\" does not know")]
    [InlineData("sctp/22", "\"sctp/22\" is not tcp/22, tcp/80-90, udp/53, icmp or all")]
    [InlineData("22", "\"22\" is not tcp/22, tcp/80-90, udp/53, icmp or all")]
    [InlineData(null, "\"\" is not tcp/22, tcp/80-90, udp/53, icmp or all")]
    public void What_is_no_service_is_refused_by_its_text(string? text, string expected)
    {
        Assert.False(ExternalText.TryReadService(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Sources_are_of_both_families_in_their_order_and_once()
    {
        var from = ExternalText.ReadSources(
            ["2001:db8::/32", "203.0.113.7", "198.51.100.0/24", "203.0.113.7/32", "2001:db8::1"],
            "from",
            ipv4Only: null,
            (_, problem) => Assert.Fail(problem)
        );
        Assert.Equal("198.51.100.0/24, 203.0.113.7/32, 2001:db8::/32, 2001:db8::1/128", $"{from}");
    }

    [Theory]
    [InlineData("198.51.100.1/24", "has host bits set")]
    [InlineData("2001:db8::1/32", "has host bits set")]
    [InlineData("home", "is not an IPv4 network")]
    [InlineData("2001:db8::/32", "is IPv6; forwards are of IPv4")]
    public void Sources_that_cannot_be_are_refused_by_field(string text, string expected)
    {
        Dictionary<string, string> wrong = [];
        Assert.Null(
            ExternalText.ReadSources(["10.0.0.0/8", text], "from", "forwards are of IPv4", (f, p) => wrong[f] = p)
        );
        Assert.Contains(expected, wrong["from[1]"], StringComparison.Ordinal);
        Assert.Contains(text, wrong["from[1]"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp/80-90", "tcp/85", "tcp/80-84 tcp/85 tcp/86-90", "tcp/80-84 tcp/86-90")]
    [InlineData("tcp/80-90", "tcp/70-80", "tcp/70-80 tcp/81-90", "tcp/81-90")]
    [InlineData("tcp/80-90", "tcp/1-65535", "tcp/1-65535", "")]
    [InlineData("tcp/80", "udp/80", "tcp/80 udp/80", "tcp/80")]
    [InlineData("icmp", "icmp", "icmp", "")]
    [InlineData("tcp/22", "all", "all tcp/22", "")]
    public void A_port_is_in_one_opening_alone(string open, string service, string opened, string closed)
    {
        var before = OpeningList.With([], Read(open), SourceNetworks.Everybody);
        var from = new SourceNetworks([Linux.Addresses.Ipv4Network.Parse("10.0.0.0/8")], []);
        Assert.Equal(opened, Shown(OpeningList.With(before, Read(service), from)));
        Assert.Equal(closed, Shown(OpeningList.Without(before, Read(service))));
    }

    private static string Shown(IReadOnlyList<Opening> open) => string.Join(' ', open.Select(o => o.Service));

    private static Service Read(string text) =>
        ExternalText.TryReadService(text, out var service, out var error) ? service : throw new FormatException(error);
}
