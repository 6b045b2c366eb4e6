using System.Text;
using MasterController.Core.HostNetwork.Bridges;
using Xunit;

namespace MasterController.Tests.HostNetwork.Bridges;

public sealed class BridgeListingTests
{
    private const string Sets = """
        {"set": {"family": "bridge", "name": "guests", "handle": 6, "elem": [{"concat": ["fc-1", "02:fc:c0:a8:64:02", "192.168.100.2"]}]}},
        {"set": {"family": "bridge", "name": "open_ports", "handle": 7, "elem": ["fc-1"]}}
        """;

    private const string Rules = """
        {"rule": {"chain": "from_guest", "handle": 9, "expr": [{"counter": {"packets": 1, "bytes": 2}}, {"drop": null}]}}
        """;

    private const string Marker = """
        {"rule": {"chain": "fingerprint", "handle": 3, "comment": "rules x listed y", "expr": [{"return": null}]}}
        """;

    [Fact]
    public void Elements_are_read_as_nft_writes_them()
    {
        var listing = Read(Sets, Rules);

        Assert.Equal(["fc-1 . 02:fc:c0:a8:64:02 . 192.168.100.2"], listing.Sets["guests"]);
        Assert.Equal(["fc-1"], listing.Sets["open_ports"]);
    }

    [Fact]
    public void The_marker_is_read_and_does_not_count_for_the_fingerprint()
    {
        var with = Read(Sets, Rules, Marker);

        Assert.Equal("rules x listed y", with.Marker);
        Assert.Null(Read(Sets, Rules).Marker);
        Assert.Equal(Read(Sets, Rules).Fingerprint, with.Fingerprint);
    }

    [Fact]
    public void Handles_counters_and_elements_do_not_count_for_the_fingerprint_but_rules_do()
    {
        var before = Read(Sets, Rules).Fingerprint;

        Assert.Equal(
            before,
            Read(
                Sets.Replace("192.168.100.2", "192.168.100.3", StringComparison.Ordinal),
                Rules
                    .Replace("\"handle\": 9", "\"handle\": 10", StringComparison.Ordinal)
                    .Replace("\"packets\": 1", "\"packets\": 5", StringComparison.Ordinal)
            ).Fingerprint
        );
        Assert.NotEqual(before, Read(Sets, Rules.Replace("drop", "accept", StringComparison.Ordinal)).Fingerprint);
    }

    private static BridgeListing Read(params string[] items) =>
        BridgeListing.Read(
            Encoding.UTF8.GetBytes("{\"nftables\": [{\"metainfo\": {}}, " + string.Join(", ", items) + "]}")
        );
}
