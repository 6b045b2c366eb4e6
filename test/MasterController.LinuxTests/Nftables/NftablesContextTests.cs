using System.Text;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.LinuxTests.Nftables;

public sealed class NftablesContextTests
{
    [Fact]
    public void What_was_written_is_listed_as_json()
    {
        using var space = NetworkNamespace.Create();
        using var nftables = space.Run(NftablesContext.Open);
        nftables.Run("table inet t { set s { type ipv4_addr; elements = { 10.0.0.1 }; }; }");

        var json = Encoding.UTF8.GetString(nftables.List("list table inet t")!);

        Assert.Contains("\"elem\": [\"10.0.0.1\"]", json);
    }

    [Fact]
    public void A_refused_transaction_changes_nothing_and_the_message_is_nfts()
    {
        using var space = NetworkNamespace.Create();
        using var nftables = space.Run(NftablesContext.Open);

        var failure = Assert.Throws<NftablesException>(() =>
            nftables.Run("add table inet t\nadd rule inet t nowhere accept\n")
        );

        Assert.Contains("No such file or directory", failure.Message);
        Assert.Null(nftables.List("list table inet t"));
    }

    [Fact]
    public void An_error_does_not_stick_to_the_next_command()
    {
        using var space = NetworkNamespace.Create();
        using var nftables = space.Run(NftablesContext.Open);
        Assert.Throws<NftablesException>(() => nftables.Run("nonsense"));

        nftables.Run("add table inet t\n");

        Assert.NotNull(nftables.List("list table inet t"));
    }

    [Fact]
    public void Each_namespace_has_its_own_rules()
    {
        using var one = NetworkNamespace.Create();
        using var two = NetworkNamespace.Create();
        using var first = one.Run(NftablesContext.Open);
        using var second = two.Run(NftablesContext.Open);

        first.Run("add table inet t\n");

        Assert.Null(second.List("list table inet t"));
    }
}
