using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Policies.PoliciesInWords;

namespace MasterController.LinuxTests.HostNetwork.Policies;

/// <summary>What of policies is in the kernel: shared, put back, taken away.</summary>
public sealed class PolicyObjectsTests
{
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Fact]
    public async Task Guests_of_equal_policies_share_one_chain_that_goes_with_the_last_of_them()
    {
        await using var host = await StartAsync();
        var before = host.Snapshot();
        var policy = Policy("deny", "0.0.0.0/0:443/tcp, 10.0.0.0/8", "10.1.0.0/16");

        await host.AttachAsync(With(A, policy));
        await host.AttachAsync(With(B, Policy("deny", "10.0.0.0/8, 0.0.0.0/0:443/tcp", "10.1.0.0/16")));
        Assert.Single(Chains(host));
        await host.DetachAsync(A);
        Assert.Single(Chains(host));
        await host.DetachAsync(B);

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task Applying_policies_twice_changes_nothing_for_this_process_and_the_next()
    {
        await using var host = await TestHost.StartAsync();
        var desired = TestHost.Desired(
            With(A, Policy("deny", "10.0.0.0/8", "")),
            With(B, Policy("allow", "", "8.8.8.8"))
        );
        await host.ApplyAsync(desired);
        var before = host.Snapshot();

        Assert.Empty(await host.ApplyAsync(desired));
        await using var second = await host.OpenAsync();
        Assert.Empty(await second.ApplyAsync(desired, TestContext.Current.CancellationToken));

        Assert.Equal(before, host.Snapshot());
        await second.DetachAsync(A, TestContext.Current.CancellationToken);
        await second.DetachAsync(B, TestContext.Current.CancellationToken);
        Assert.Empty(Chains(host));
    }

    [Theory]
    [InlineData("nft flush ruleset")]
    [InlineData("nft delete element inet master_controller egress { 192.168.100.2 }")]
    [InlineData("nft add element inet master_controller egress { 192.168.100.9 : 1:1 }")]
    [InlineData("nft flush map inet master_controller egress")]
    [InlineData("nft flush map inet master_controller egress_policies")]
    [InlineData("nft flush chain inet master_controller CHAIN")]
    [InlineData("nft insert rule inet master_controller CHAIN accept")]
    [InlineData("nft add rule inet master_controller CHAIN accept")]
    [InlineData("nft add element inet master_controller CHAIN_0 { 203.0.113.0/24 }")]
    [InlineData("nft flush set inet master_controller CHAIN_0")]
    [InlineData("nft add chain inet master_controller policy_00000001")]
    [InlineData("nft flush chain inet master_controller guest_egress")]
    public async Task What_others_broke_of_policies_is_mended(string damage)
    {
        await using var host = await TestHost.StartAsync();
        var desired = TestHost.Desired(With(A, Policy("deny", "10.0.0.0/8", "")), B);
        await host.ApplyAsync(desired);
        var before = host.Snapshot();

        host.Host(damage.Replace("CHAIN", Assert.Single(Chains(host)), StringComparison.Ordinal));
        Assert.NotEqual(before, host.Snapshot());
        Assert.NotEmpty(await host.ApplyAsync(desired));

        Assert.Equal(before, host.Snapshot());
        Assert.Empty(await host.ApplyAsync(desired));
    }

    [Fact]
    public async Task A_table_made_anew_by_a_change_of_networks_has_the_policies_in_it()
    {
        await using var host = await StartAsync(With(A, Policy("deny", "", "")), B);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);

        host.Host("nft flush ruleset");
        await host.Network.SetNetworksAsync(
            [new PoolNetwork(TestHost.Pool, [TestHost.Gateway], AllowVmToVm: false)],
            [],
            TestContext.Current.CancellationToken
        );

        Assert.False(guest.Ping(TestHost.InternetAddress));
        Assert.True(other.Ping(TestHost.InternetAddress));
        await host.DetachAsync(A);
        Assert.Empty(Chains(host));
    }

    [Fact]
    public async Task A_policy_for_an_address_that_is_not_attached_changes_nothing()
    {
        await using var host = await StartAsync(A);
        var before = host.Snapshot();

        await host.ChangeAsync(With(B, Policy("deny", "", "")));

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task What_nft_lists_with_policies_nft_can_read_again()
    {
        await using var host = await StartAsync(
            With(
                A,
                Policy("deny", "0.0.0.0/0:8000-8100/tcp, 169.254.169.254:80/tcp, 192.168.100.1:53/udp", "10.0.0.0/8")
            )
        );
        var listed = Path.Combine(Path.GetTempPath(), $"listed-{Guid.NewGuid():N}.nft");
        try
        {
            var before = host.Host("nft -s list ruleset");
            await File.WriteAllTextAsync(listed, $"flush ruleset\n{before}", TestContext.Current.CancellationToken);
            host.Host("nft", "-f", listed);

            Assert.Equal(before, host.Host("nft -s list ruleset"));
        }
        finally
        {
            File.Delete(listed);
        }
    }

    private static string[] Chains(TestHost host) =>
        [
            .. host.Host("nft -t list table inet master_controller")
                .Split('\n')
                .Select(line => line.Trim().Split(' '))
                .Where(words => words is ["chain", ['p', 'o', 'l', 'i', 'c', 'y', '_', ..], "{"])
                .Select(words => words[1]),
        ];
}
