using MasterController.Core.Diagnostics;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Diagnostics;

public sealed class DedicatedChecksTests
{
    private static readonly ExternalNetworks External = new(
        Ipv6Network.Parse("2001:db8:1250::/64"),
        Wish: null,
        [Ipv4Network.Parse("203.0.113.32/28")]
    );

    private static readonly ExternalSurvey Routed = new(PrefixDelivery.Routed, "no network has it", [], [], [])
    {
        Uplink = "eth0",
        HasIpv6DefaultRoute = true,
    };

    [Theory]
    [InlineData(PrefixDelivery.Routed, "2001:db8:1250::/64 is routed to this host; because")]
    [InlineData(
        PrefixDelivery.OnLink,
        "2001:db8:1250::/64 is on the link: eth0 answers for each VM's address by itself; because"
    )]
    public void How_the_prefix_gets_here_is_told_with_the_reason(PrefixDelivery delivery, string message)
    {
        var finding = Find(Routed with { Delivery = delivery, Why = "because" }, "external-ipv6");

        Assert.Equal((Verdict.Pass, message), (finding.Verdict, finding.Message));
    }

    [Fact]
    public void An_uplink_without_a_default_route_of_IPv6_is_warned_about()
    {
        var finding = Find(Routed with { HasIpv6DefaultRoute = false }, "external-ipv6");

        Assert.Equal(Verdict.Warn, finding.Verdict);
        Assert.StartsWith("eth0 has no default route of IPv6", finding.Message);
        Assert.Contains("accept_ra=2", finding.Fix);
    }

    [Fact]
    public void Problems_fail_the_check_of_their_key_alone()
    {
        var survey = Routed with { Problems = [new("external.ipv4", "overlaps with a pool")] };

        Assert.Equal((Verdict.Fail, "overlaps with a pool"), Verdicts(survey, "external-ipv4"));
        Assert.Equal(Verdict.Pass, Find(survey, "external-ipv6").Verdict);
        survey = Routed with { Problems = [new("external.ipv6", "overlaps with eth1")] };
        Assert.Equal((Verdict.Fail, "overlaps with eth1"), Verdicts(survey, "external-ipv6"));
        Assert.Equal(Verdict.Pass, Find(survey, "external-ipv4").Verdict);
    }

    [Fact]
    public void Without_an_uplink_nothing_gets_here()
    {
        var survey = Routed with { Uplink = null, Delivery = null };

        Assert.All(DedicatedChecks.Check(External, survey), finding => Assert.Equal(Verdict.Warn, finding.Verdict));
    }

    [Fact]
    public void What_is_not_configured_is_skipped() =>
        Assert.All(
            DedicatedChecks.Check(ExternalNetworks.None, ExternalSurvey.Nothing),
            finding => Assert.Equal(Verdict.Skip, finding.Verdict)
        );

    private static (Verdict, string) Verdicts(ExternalSurvey survey, string code) =>
        (Find(survey, code).Verdict, Find(survey, code).Message);

    private static Finding Find(ExternalSurvey survey, string code) =>
        DedicatedChecks.Check(External, survey).Single(finding => finding.Code == code);
}
