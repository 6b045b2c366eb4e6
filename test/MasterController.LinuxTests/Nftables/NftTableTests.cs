using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.LinuxTests.Nftables;

public sealed class NftTableTests : IDisposable
{
    private static readonly Ipv4Address _address = Ipv4Address.Parse("192.168.1.2");
    private static readonly Ipv6Address _address6 = Ipv6Address.Parse("2001:db8::1:2");

    private readonly NetworkNamespace _space = NetworkNamespace.Create();
    private readonly NftablesContext _nftables;
    private readonly NftTable _table;

    public NftTableTests()
    {
        _nftables = _space.Run(NftablesContext.Open);
        _table = _space.Run(() => NftTable.Open("t"));
        _nftables.Run(
            """
            table inet t {
                map forwards { type inet_proto . inet_service : ipv4_addr . inet_service; }
                map open6 { type ipv6_addr . inet_proto . inet_service : classid; }
                set limited6 { type ipv6_addr; flags dynamic; }
                chain target { }
                map chains { type classid : verdict; elements = { 0:1 : goto target }; }
            }
            """
        );
    }

    [Fact]
    public void Concatenations_are_written_as_nft_reads_them()
    {
        var changes = new NftChanges();
        changes.Add("forwards", new NftElement(NftData.Protocol(6).WithPort(8080), NftData.Of(_address).WithPort(80)));
        changes.Add(
            "open6",
            new NftElement(NftData.Of(_address6).WithProtocol(17).WithPort(53), NftData.Number(0x0001_0002))
        );

        _table.Change(changes);

        Assert.Contains("{ tcp . 8080 : 192.168.1.2 . 80 }", List("map forwards"));
        Assert.Contains("{ 2001:db8::1:2 . udp . 53 : 1:2 }", List("map open6"));
    }

    [Fact]
    public void What_nft_wrote_is_found_and_read()
    {
        _nftables.Run(
            "add element inet t forwards { udp . 53 : 10.0.0.1 . 5353, tcp . 1 : 10.0.0.2 . 2 }\n"
                + "add element inet t open6 { 2001:db8::1:2 . tcp . 22 : 0:1 }\n"
        );

        var udp = new NftElement(
            NftData.Protocol(17).WithPort(53),
            NftData.Of(Ipv4Address.Parse("10.0.0.1")).WithPort(5353)
        );
        Assert.Equal(udp, _table.Find("forwards", udp.Key));
        Assert.Null(_table.Find("forwards", NftData.Protocol(17).WithPort(54)));
        Assert.Equal([udp.Key], _table.Elements("forwards").Select(e => e.Key).Where(k => k.ProtocolAt(0) == 17));
        Assert.Equal(1u, _table.Find("open6", NftData.Of(_address6).WithProtocol(6).WithPort(22))?.Value?.AsNumber);
        Assert.Equal(new NftElement(NftData.Number(1), Chain: "target"), _table.Find("chains", NftData.Number(1)));
    }

    [Fact]
    public void Limits_of_ipv6_addresses_come_back()
    {
        var element = new NftElement(NftData.Of(_address6))
        {
            Limit = new NftLimit(1_000_000, 20_000, CountsBytes: true),
        };

        _table.ChangeElements("limited6", [], [element]);

        Assert.Equal(element, _table.Find("limited6", element.Key));
        Assert.Contains("2001:db8::1:2 limit rate over 1000000 bytes/second burst 20000 bytes", List("set limited6"));
    }

    [Fact]
    public void Several_sets_change_together_or_not_at_all()
    {
        var (first, second) = (NftData.Protocol(6).WithPort(1), NftData.Of(_address6).WithProtocol(6).WithPort(1));
        _table.ChangeElements("forwards", [], [new NftElement(first, NftData.Of(_address).WithPort(1))]);
        var changes = new NftChanges();
        changes.Remove("forwards", first);
        changes.Remove("open6", second);

        var refused = Assert.Throws<NetlinkException>(() => _table.Change(changes));

        Assert.True(refused.Error?.IsMissing);
        Assert.NotNull(_table.Find("forwards", first));
    }

    [Fact]
    public void Many_elements_are_one_transaction()
    {
        var changes = new NftChanges();
        for (var port = 1; port <= 65_000; port++)
        {
            changes.Add(
                "forwards",
                new NftElement(NftData.Protocol(6).WithPort((ushort)port), NftData.Of(_address).WithPort((ushort)port))
            );
            changes.Add(
                "open6",
                new NftElement(NftData.Of(_address6).WithProtocol(6).WithPort((ushort)port), NftData.Number(1))
            );
        }

        _table.Change(changes);

        Assert.Equal(65_000, _table.Elements("forwards").Count);
        Assert.Equal(65_000, _table.Elements("open6").Count);
    }

    public void Dispose()
    {
        _table.Dispose();
        _nftables.Dispose();
        _space.Dispose();
    }

    private string List(string what) =>
        string.Join(
            ' ',
            Encoding
                .UTF8.GetString(
                    _nftables.ListAsText($"list {what.Replace(" ", " inet t ", StringComparison.Ordinal)}") ?? []
                )
                .Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)
        );
}
