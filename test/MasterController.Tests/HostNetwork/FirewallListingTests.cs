using System.Text;
using MasterController.Core.HostNetwork;
using Xunit;

namespace MasterController.Tests.HostNetwork;

public sealed class FirewallListingTests
{
    private const string Sets = """
        {"set": {"family": "inet", "name": "pool_networks", "handle": 6, "elem": [{"prefix": {"addr": "10.0.0.0", "len": 8}}, "10.9.9.9"]}},
        {"set": {"family": "inet", "name": "gateways", "handle": 7}}
        """;

    private const string Rules = """
        {"rule": {"chain": "guest_input", "handle": 9, "expr": [{"counter": {"packets": 1, "bytes": 2}}, {"drop": null}]}}
        """;

    private const string Marker = """
        {"rule": {"chain": "fingerprint", "handle": 3, "comment": "rules x listed y", "expr": [{"return": null}]}}
        """;

    [Fact]
    public void Elements_are_read_as_nft_writes_them()
    {
        var listing = Read(Sets, Rules);

        Assert.Equal(["10.0.0.0/8", "10.9.9.9"], listing.Sets["pool_networks"].Order());
        Assert.Empty(listing.Sets["gateways"]);
    }

    [Fact]
    public void An_element_of_several_parts_is_read_as_nft_writes_it()
    {
        var listing = Read(
            """
            {"set": {"family": "bridge", "name": "guests", "handle": 7, "elem": [{"concat": ["fc-1", "02:fc:c0:a8:64:02", "192.168.100.2"]}]}}
            """
        );

        Assert.Equal(["fc-1 . 02:fc:c0:a8:64:02 . 192.168.100.2"], listing.Sets["guests"]);
    }

    [Fact]
    public void The_marker_is_read_and_does_not_count_for_the_fingerprint()
    {
        var with = Read(Sets, Rules, Marker);

        Assert.Equal("rules x listed y", with.Marker);
        Assert.Equal(Read(Sets, Rules).Fingerprint, with.Fingerprint);
    }

    [Fact]
    public void Handles_counters_and_elements_do_not_count_for_the_fingerprint()
    {
        var before = Read(Sets, Rules).Fingerprint;

        Assert.Equal(
            before,
            Read(
                Sets.Replace("10.9.9.9", "10.9.9.8", StringComparison.Ordinal),
                Rules
                    .Replace("\"handle\": 9", "\"handle\": 10", StringComparison.Ordinal)
                    .Replace("\"packets\": 1", "\"packets\": 5", StringComparison.Ordinal)
            ).Fingerprint
        );
    }

    [Fact]
    public void A_changed_rule_changes_the_fingerprint()
    {
        Assert.NotEqual(
            Read(Sets, Rules).Fingerprint,
            Read(Sets, Rules.Replace("drop", "accept", StringComparison.Ordinal)).Fingerprint
        );
    }

    private static FirewallListing Read(params string[] items) =>
        FirewallListing.Read(
            Encoding.UTF8.GetBytes("{\"nftables\": [{\"metainfo\": {}}, " + string.Join(',', items) + "]}")
        );
}
