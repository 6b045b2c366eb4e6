using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Dedicated.ReachedHost;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>What of external access is in nftables: shared, put back, taken away.</summary>
public sealed class DedicatedObjectsTests
{
    private static readonly SourceNetworks Some = From("198.51.100.0/24", "203.0.113.9/32", "2001:db8:f::/64");
    private static readonly Attachment A = With(
        TestHost.At("192.168.100.2"),
        Access(
            null,
            Public,
            [Tcp(80), Tcp(8000, 8003, Some), new(EgressProtocol.Icmp, null, SourceNetworks.Everybody)],
            Forward(8080, 80, from: Some),
            Forward(9000, 9000, 3, Address)
        )
    );
    private static readonly Attachment B = With(
        TestHost.At("192.168.100.3"),
        Access(null, OtherPublic, [new(EgressProtocol.Any, null, Some)])
    );

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guests_that_let_in_the_same_share_one_chain_that_goes_with_the_last_of_them()
    {
        await using var host = await StartAsync();
        var before = host.Snapshot();

        await host.AttachAsync(A);
        await host.AttachAsync(B);
        Assert.Single(Chains(host));
        await host.DetachAsync(A);
        Assert.Single(Chains(host));
        await host.DetachAsync(B);

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task Changes_leave_what_attaching_would_have_made()
    {
        await using var host = await StartAsync(A);
        var made = host.Snapshot();

        await host.ChangeAsync(With(A, Access(null, null, [], Forward(1, 1, 500))));
        await host.ChangeAsync(With(A, Access(null, OtherPublic, [Tcp(80, from: From("192.0.2.0/24"))])));
        Assert.Single(Chains(host));
        await host.ChangeAsync(A with { External = null });
        Assert.Empty(Chains(host));
        await host.ChangeAsync(A);

        Assert.Equal(Unnumbered(made), Unnumbered(host.Snapshot()));
    }

    [Fact]
    public async Task Applying_twice_changes_nothing_for_this_process_and_the_next()
    {
        await using var host = await StartAsync(A, B);
        var before = host.Snapshot();

        Assert.Empty(await host.ApplyAsync(TestHost.Desired(A, B)));
        await using var second = await host.OpenAsync();
        Assert.Empty(await second.ApplyAsync(TestHost.Desired(A, B), Cancellation));

        Assert.Equal(before, host.Snapshot());
        await second.DetachAsync(A, Cancellation);
        await second.DetachAsync(B, Cancellation);
        Assert.Empty(Chains(host));
        Assert.DoesNotContain("203.0.113.33", host.Host("nft list ruleset"));
    }

    [Theory]
    [InlineData("nft flush ruleset")]
    [InlineData("nft delete element inet master_controller forwards { tcp . 8080 }")]
    [InlineData("nft add element inet master_controller forwards { tcp . 8081 : 192.168.100.2 . 81 }")]
    [InlineData("nft flush map inet master_controller address_forwards")]
    [InlineData("nft flush map inet master_controller public_guests")]
    [InlineData("nft flush map inet master_controller public_sources")]
    [InlineData("nft flush set inet master_controller public_addresses")]
    [InlineData("nft flush map inet master_controller hairpin_sources")]
    [InlineData("nft flush map inet master_controller open")]
    [InlineData("nft add element inet master_controller open { 203.0.113.33 . tcp . 22 : 0:1 }")]
    [InlineData("nft add element inet master_controller open6 { 2001:db8::1 . tcp . 22 : 0:1 }")]
    [InlineData("nft add element inet master_controller open_hosts { 203.0.113.33 : 0:1 }")]
    [InlineData("nft flush map inet master_controller open_hosts")]
    [InlineData("nft flush map inet master_controller open_pings")]
    [InlineData("nft flush map inet master_controller open_forwards")]
    [InlineData("nft flush map inet master_controller open_sources")]
    [InlineData("nft delete element inet master_controller open_sources { 0:1 }")]
    [InlineData("nft flush chain inet master_controller CHAIN")]
    [InlineData("nft insert rule inet master_controller CHAIN accept")]
    [InlineData("nft add element inet master_controller CHAIN_4 { 192.0.2.0/24 }")]
    [InlineData("nft flush set inet master_controller CHAIN_6")]
    [InlineData("nft add chain inet master_controller source_00000007")]
    [InlineData("nft flush chain inet master_controller opened")]
    public async Task What_others_broke_is_found_and_mended(string damage)
    {
        await using var host = await StartAsync(A, B);
        var before = host.Snapshot();

        host.Host(damage.Replace("CHAIN", Assert.Single(Chains(host)), StringComparison.Ordinal));
        Assert.NotEqual(before, host.Snapshot());
        var found = await host.Network.ObserveAsync(ObservationScope.Host, Cancellation);
        Assert.Contains(found.Differences, difference => difference is { IsOurs: true, Object: DriftObject.Nftables });
        Assert.NotEmpty(await host.ApplyAsync(TestHost.Desired(A, B)));

        Assert.Equal(before, host.Snapshot());
        Assert.Empty(await host.ApplyAsync(TestHost.Desired(A, B)));
        // What it knows is right as well.
        await host.DetachAsync(A);
        await host.DetachAsync(B);
        Assert.Empty(Chains(host));
    }

    [Theory]
    [InlineData("nft flush map inet master_controller forwards")]
    [InlineData("nft flush map inet master_controller open")]
    [InlineData("nft add element inet master_controller open { 203.0.113.33 . tcp . 22 : 0:1 }")]
    public async Task A_change_goes_through_whatever_others_did(string damage)
    {
        await using var host = await StartAsync(A, B);
        host.Host(damage);

        var next = With(A, Access(null, Public, [Tcp(22)], Forward(8081, 80)));
        await host.ChangeAsync(next);
        await host.ApplyAsync(TestHost.Desired(next, B));

        await using var other = await StartAsync(next, B);
        Assert.Equal(Unnumbered(other.Host("nft -s list ruleset")), Unnumbered(host.Host("nft -s list ruleset")));
    }

    [Fact]
    public async Task A_table_made_anew_by_a_change_of_networks_has_everything_in_it()
    {
        await using var host = await StartAsync(A, B);
        var before = host.Snapshot();

        host.Host("nft flush ruleset");
        await host.Network.SetNetworksAsync(
            [new PoolNetwork(TestHost.Pool, [TestHost.Gateway], AllowVmToVm: false)],
            [],
            Cancellation
        );

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task Access_for_an_address_that_is_not_attached_changes_nothing()
    {
        await using var host = await StartAsync(A);
        var before = host.Snapshot();

        await host.ChangeAsync(B);

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task What_nft_lists_nft_can_read_again()
    {
        await using var host = await StartAsync(A, B);
        var listed = host.Host("nft -s list table inet master_controller");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, listed, Cancellation);

        host.Host("nft delete table inet master_controller");
        host.Host($"nft -f {file}");
        File.Delete(file);

        Assert.Equal(listed, host.Host("nft -s list table inet master_controller"));
        Assert.Empty(await host.ApplyAsync(TestHost.Desired(A, B)));
    }

    [Fact]
    public async Task What_a_plan_says_is_what_nft_takes_and_what_a_change_makes()
    {
        await using var host = await StartAsync(A with { External = null }, B);
        var plan = await host.Network.PlanExternalAsync([(A with { External = null }, A)], Cancellation);
        await host.ChangeAsync(A);
        var made = host.Host("nft -s list table inet master_controller");
        await host.ChangeAsync(A with { External = null });

        // Its source chain is another guest's already.
        foreach (var change in plan.Where(c => c.Object == "nftables" && !c.Text.Contains("source chain")))
            host.Host("sh -c", change.Command.Replace("{", "'{", StringComparison.Ordinal).Replace("}", "}'"));

        Assert.Equal(made, host.Host("nft -s list table inet master_controller"));
        var back = await host.Network.PlanExternalAsync([(A, A with { External = null })], Cancellation);
        Assert.Contains(
            back,
            change =>
                change
                    is {
                        Kind: HostChangeKind.Remove,
                        Text: "remove tcp . 8080 from forwards",
                        Command: "nft delete element inet master_controller forwards { tcp . 8080 : 192.168.100.2 . 80 }",
                    }
        );
    }

    [Fact]
    public async Task A_look_at_an_address_names_its_elements()
    {
        await using var host = await StartAsync(A, B);

        var own = await host.Network.LookUpAsync(A.Address, Cancellation);
        var translated = await host.Network.LookUpAsync(Ipv4Address.Parse(Public), Cancellation);

        Assert.Contains("element inet master_controller forwards { tcp . 8080 : 192.168.100.2 . 80 }", own.Firewall);
        Assert.Contains("element inet master_controller open { 203.0.113.33 . tcp . 80 : 0:1 }", own.Firewall);
        Assert.Contains(
            "element inet master_controller public_guests { 203.0.113.33 : 192.168.100.2 }",
            translated.Firewall
        );
    }

    [Fact]
    public async Task A_check_tells_what_the_firewall_has_not_as_said()
    {
        await using var host = await StartAsync(A, B);
        Assert.All(await CheckAsync(host), finding => Assert.True(finding.Passed, $"{finding}"));

        host.Host("nft delete element inet master_controller open { 203.0.113.33 . tcp . 8002 }");
        host.Host("nft delete element inet master_controller address_forwards { 203.0.113.2 . tcp . 9001 }");

        var wrong = (await CheckAsync(host)).Where(finding => finding.Passed == false);
        Assert.Equal(
            [$"tcp/8000-8003 from {Some}", $"{Address}:9000-9002 -> 9000-9002/tcp"],
            wrong.Select(finding => finding.Subject)
        );
    }

    private static async Task<IReadOnlyList<ExternalFinding>> CheckAsync(TestHost host) =>
        [
            .. (await host.Network.CheckExternalAsync(A, TimeSpan.FromMilliseconds(10), Cancellation)).Where(finding =>
                finding.Check is "open" or "translation"
            ),
        ];

    private static async Task<TestHost> StartAsync(params Attachment[] attachments)
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(attachments));
        return host;
    }

    private static string[] Chains(TestHost host) =>
        [
            .. host.Host("nft list table inet master_controller")
                .Split('\n')
                .Select(line => line.Trim())
                .Where(line => line.StartsWith("chain source_", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[1]),
        ];

    // Elements of a map stand in no order that means anything.
    private static string Unnumbered(string listing) =>
        string.Join(
            '\n',
            listing
                .Split((char[])['\n', ','])
                .Select(l => l.Replace("elements = {", "").Trim(' ', '\t', '}'))
                .Order(StringComparer.Ordinal)
        );
}
