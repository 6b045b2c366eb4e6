using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Policies.PoliciesInWords;

namespace MasterController.LinuxTests.HostNetwork.Policies;

/// <summary>What of policies and limits is in the kernel for guests with an IPv6 address.</summary>
public sealed class PolicyObjectsIpv6Tests
{
    private const string First = "2001:db8:1250::100:2";
    private const string Second = "2001:db8:1250::100:3";
    private static readonly EgressPolicy Strict = Policy("deny", "[::/0]:443/tcp, 2001:db8:7::/48", "10.0.0.0/8");
    private static readonly EgressPolicy Lax = Policy("allow", "", "2001:db8:8::/48");
    private static readonly RateLimit Slow = new(OutBytesPerSecond: 1_000_000, InPacketsPerSecond: 500);

    private static readonly Attachment A = Of("192.168.100.2", First, Strict);
    private static readonly Attachment B = Of("192.168.100.3", Second, Lax);

    [Fact]
    public async Task Both_addresses_of_a_guest_lead_to_its_policy_and_go_with_it()
    {
        await using var host = await StartAsync();
        var before = Rules(host);

        await host.AttachAsync(A);
        Assert.Equal(Number(host, "egress", "192.168.100.2"), Number(host, "egress6", First));
        Assert.Contains($"{First} limit rate over 1000000 bytes/second", Set(host, "limited_out_bytes6"));
        Assert.Contains($"{First} limit rate over 500/second", Set(host, "limited_in_packets6"));
        var with = Rules(host);
        await host.AttachAsync(A);
        Assert.Equal(with, Rules(host));

        await host.DetachAsync(A);
        Assert.Equal(before, Rules(host));
    }

    [Fact]
    public async Task A_new_IPv6_takes_policy_and_limit_over_and_the_former_one_has_none()
    {
        await using var host = await StartAsync(A);

        await host.ChangeAsync(Of("192.168.100.2", "2001:db8:1250::7", Strict));

        Assert.DoesNotContain(First, Rules(host));
        Assert.Equal(Number(host, "egress", "192.168.100.2"), Number(host, "egress6", "2001:db8:1250::7"));
        Assert.Contains("2001:db8:1250::7 limit", Set(host, "limited_out_bytes6"));

        await host.ChangeAsync(A with { External = null });
        Assert.DoesNotContain("2001:db8:1250::7", Rules(host));
        Assert.Contains("192.168.100.2 limit", Set(host, "limited_out_bytes"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_IPv6_that_moves_to_another_guest_has_the_policy_of_that_one(bool takesBeforeItIsGiven)
    {
        await using var host = await StartAsync(A, Of("192.168.100.3", null, Lax));
        var moved = Of("192.168.100.3", First, Lax);
        var without = A with { External = null };

        await host.ChangeAsync(takesBeforeItIsGiven ? moved : without);
        await host.ChangeAsync(takesBeforeItIsGiven ? without : moved);

        Assert.Equal(Number(host, "egress", "192.168.100.3"), Number(host, "egress6", First));
        await host.DetachAsync(without);
        Assert.Equal(Number(host, "egress", "192.168.100.3"), Number(host, "egress6", First));
        await host.DetachAsync(moved);
        Assert.DoesNotContain(First, Rules(host));
        Assert.DoesNotContain("policy_", Rules(host));
    }

    [Fact]
    public async Task A_guest_on_the_bridge_has_no_IPv6()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(new DesiredNetwork([TestHost.Bridged()], [A with { Mode = NetworkMode.Bridge }]));

        Assert.Contains("192.168.100.2", Set(host, "limited_out_bytes"));
        Assert.DoesNotContain(First, Rules(host));
    }

    [Fact]
    public async Task Applying_twice_changes_nothing_for_this_process_and_the_next()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(A, B));
        var before = Rules(host);

        Assert.Empty(await host.ApplyAsync(TestHost.Desired(A, B)));
        await using var second = await host.OpenAsync();
        Assert.Empty(await second.ApplyAsync(TestHost.Desired(A, B), TestContext.Current.CancellationToken));

        Assert.Equal(before, Rules(host));
    }

    [Theory]
    [InlineData("nft delete element inet master_controller egress6 { 2001:db8:1250::100:2 }")]
    [InlineData("nft add element inet master_controller egress6 { 2001:db8:1250::9 : 1:1 }")]
    [InlineData("nft flush map inet master_controller egress6")]
    [InlineData("nft add element inet master_controller CHAIN_1 { 2001:db8:9::/48 }")]
    [InlineData("nft flush set inet master_controller CHAIN_1")]
    [InlineData("nft flush set inet master_controller limited_out_bytes6")]
    [InlineData("nft delete element inet master_controller limited_in_packets6 { 2001:db8:1250::100:2 }")]
    [InlineData(
        "nft add element inet master_controller limited_in_bytes6 { 2001:db8:1250::9 limit rate over 5/second }"
    )]
    [InlineData("nft delete element inet master_controller refused_networks6 { fd00:ec2::254 }")]
    [InlineData("nft add element inet master_controller refused_networks6 { 2001:db8::/32 }")]
    [InlineData("nft flush set inet master_controller refused_networks6")]
    public async Task What_others_broke_is_mended(string damage)
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(A));
        var before = Rules(host);
        var chain = before.Split("chain policy_")[1][..8];

        host.Host(damage.Replace("CHAIN", $"policy_{chain}", StringComparison.Ordinal));
        Assert.NotEqual(before, Rules(host));
        Assert.NotEmpty(await host.ApplyAsync(TestHost.Desired(A)));

        Assert.Equal(before, Rules(host));
        Assert.Empty(await host.ApplyAsync(TestHost.Desired(A)));
    }

    private static Attachment Of(string address, string? ipv6, EgressPolicy policy)
    {
        var attachment = TestHost.At(address) with { Egress = policy, RateLimit = Slow };
        return ipv6 is null ? attachment : Ipv6Path.With(attachment, ipv6);
    }

    private static string Rules(TestHost host) => host.Host("nft -s list table inet master_controller");

    private static string Set(TestHost host, string set) =>
        host.Host($"nft list set inet master_controller {set}").ReplaceLineEndings(" ");

    private static string Number(TestHost host, string map, string address) =>
        host.Host("nft", "get", "element", "inet", "master_controller", map, $"{{ {address} }}")
            .Split($"{address} : ")[1]
            .Split(' ')[0];
}
