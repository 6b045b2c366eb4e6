using MasterController.Core.Diagnostics;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Diagnostics;

public sealed class HostNetworkChecksTests
{
    private static readonly Ipv4Network Pool = Ipv4Network.Parse("192.168.0.0/16");

    private static readonly HostNetworkFacts Good = new(
        Forwarding: true,
        Uplink: "eth0",
        Overlaps: [],
        ForwardDropChains: [],
        LegacyIptablesTables: [],
        ArpIgnore: 0,
        NeighbourThresholds: [128, 512, 1024],
        NeighbourEntries: 12,
        ConntrackMax: 262_144,
        ConntrackCount: 900,
        TunProblem: null,
        NftablesProblem: null
    );

    private static readonly ExternalNetworks External = new(
        Ipv6Network.Parse("2001:db8:1250::/64"),
        Wish: null,
        [Ipv4Network.Parse("203.0.113.32/28")]
    );

    private static readonly ExternalSurvey Survey = new(
        PrefixDelivery.OnLink,
        "eth0 has 2001:db8:1250::/64 on its link",
        [],
        [],
        []
    )
    {
        Uplink = "eth0",
        HasIpv6DefaultRoute = true,
    };

    [Fact]
    public void A_good_host_passes_every_check() =>
        Assert.All(Check(Good), f => Assert.Equal((f.Code, Verdict.Pass, null), (f.Code, f.Verdict, f.Fix)));

    [Fact]
    public void In_mode_none_the_same_codes_are_skipped()
    {
        Assert.Equal(Check(Good).Select(f => f.Code), HostNetworkChecks.None.Select(f => f.Code));
        Assert.All(HostNetworkChecks.None, f => Assert.Equal(Verdict.Skip, f.Verdict));
    }

    [Fact]
    public void Devices_and_nftables_that_are_missing_fail_each_by_itself()
    {
        var bad = Good with { TunProblem = "no such file", NftablesProblem = "not supported" };
        foreach (var code in (string[])["dev-net-tun", "nf-tables"])
        {
            var finding = Find(Check(bad), code);
            Assert.Equal(Verdict.Fail, finding.Verdict);
            Assert.NotEmpty(finding.Fix!);
        }
        Assert.Equal(Verdict.Pass, Find(Check(bad), "libnftables").Verdict);
        Assert.Equal(Verdict.Skip, Find(Check(bad), "forward-drop").Verdict);
    }

    [Fact]
    public void Without_the_library_nftables_is_not_blamed()
    {
        var findings = Check(Good with { NftablesProblem = "no library" }, hasLibrary: false);
        Assert.Equal(Verdict.Fail, Find(findings, "libnftables").Verdict);
        Assert.Equal(Verdict.Skip, Find(findings, "nf-tables").Verdict);
    }

    [Fact]
    public void Nftables_that_a_running_controller_uses_does_not_fail() =>
        Assert.Equal(
            Verdict.Skip,
            Find(Check(Good with { NftablesProblem = "all descriptors are taken" }, running: true), "nf-tables").Verdict
        );

    [Theory]
    [InlineData(true, Verdict.Fail)]
    [InlineData(false, Verdict.Warn)]
    public void Forwarding_that_is_off_fails_only_under_a_running_controller(bool running, Verdict expected) =>
        Assert.Equal(expected, Find(Check(Good with { Forwarding = false }, running: running), "ip-forward").Verdict);

    [Theory]
    [InlineData(768, Verdict.Pass)]
    [InlineData(769, Verdict.Warn)]
    public void A_neighbour_table_that_fills_up_is_warned_of(int entries, Verdict expected) =>
        Assert.Equal(expected, Find(Check(Good with { NeighbourEntries = entries }), "neighbour-table").Verdict);

    [Theory]
    [InlineData(8192L, 0L, Verdict.Warn)]
    [InlineData(65_536L, 100L, Verdict.Pass)]
    [InlineData(65_536L, 60_000L, Verdict.Warn)]
    [InlineData(null, null, Verdict.Skip)]
    public void Tracked_connections_are_judged_by_their_limit_and_their_number(
        long? limit,
        long? count,
        Verdict expected
    ) =>
        Assert.Equal(
            expected,
            Find(Check(Good with { ConntrackMax = limit, ConntrackCount = count }), "conntrack-table").Verdict
        );

    [Fact]
    public void An_arp_ignore_that_hides_gateways_is_warned_of_with_its_fix()
    {
        var finding = Find(Check(Good with { ArpIgnore = 2 }), "arp-ignore");
        Assert.Equal(Verdict.Warn, finding.Verdict);
        Assert.Contains("arp_ignore=0", finding.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_of_the_old_iptables_are_named()
    {
        var finding = Find(Check(Good with { LegacyIptablesTables = ["nat", "filter"] }), "legacy-iptables");
        Assert.Equal(Verdict.Warn, finding.Verdict);
        Assert.Contains("nat, filter", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_read_is_skipped()
    {
        var findings = Check(Good with { ArpIgnore = null, NeighbourThresholds = null, LegacyIptablesTables = null });
        foreach (var code in (string[])["arp-ignore", "neighbour-table", "legacy-iptables"])
            Assert.Equal(Verdict.Skip, Find(findings, code).Verdict);
    }

    [Fact]
    public void A_pool_that_shares_addresses_with_the_host_fails_and_both_are_named()
    {
        var overlap = new NetworkOverlap(Pool, Ipv4Network.Parse("192.168.7.0/24"), "address of docker0");
        var finding = Find(Check(Good with { Overlaps = [overlap] }), "pool-overlap");
        Assert.Equal(Verdict.Fail, finding.Verdict);
        Assert.Equal(
            "overlapping: 192.168.0.0/16 (pool default) and 192.168.7.0/24 (address of docker0)",
            finding.Message
        );
    }

    [Fact]
    public void Foreign_drops_and_a_missing_uplink_are_warned_of()
    {
        var findings = Check(Good with { Uplink = null, ForwardDropChains = ["ip filter FORWARD"] });
        Assert.Equal(Verdict.Warn, Find(findings, "uplink").Verdict);
        Assert.Equal(Verdict.Warn, Find(findings, "forward-drop").Verdict);
        Assert.Contains("ip filter FORWARD", Find(findings, "forward-drop").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_that_the_pools_would_hit_are_told_together_with_what_raises_them()
    {
        HostLimit[] limits =
        [
            new("fs.file-max", 1, 2, "few files", "sysctl -w fs.file-max=2"),
            new("RLIMIT_NOFILE", 3, 4, "fewer still", "set LimitNOFILE=4"),
        ];
        var checks = new HostNetworkChecks(uplink: null, External, running: false);

        var finding = Find(checks.Check(Good, hasLibrary: true, [("default", Pool)], Survey, limits), "kernel-limits");

        Assert.Equal(
            (Verdict.Warn, "few files; fewer still", "sysctl -w fs.file-max=2; set LimitNOFILE=4"),
            (finding.Verdict, finding.Message, finding.Fix)
        );
        Assert.Contains("65,533 VMs", Find(Check(Good), "kernel-limits").Message);
    }

    private static IReadOnlyList<Finding> Check(HostNetworkFacts facts, bool hasLibrary = true, bool running = false) =>
        new HostNetworkChecks(uplink: null, External, running).Check(
            facts,
            hasLibrary,
            [("default", Pool)],
            Survey,
            []
        );

    private static Finding Find(IReadOnlyList<Finding> findings, string code) => findings.Single(f => f.Code == code);
}
