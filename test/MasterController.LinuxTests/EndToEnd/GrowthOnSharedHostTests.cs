using MasterController.Contracts;
using MasterController.LinuxTests.Images;
using MasterController.Tests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>The pool grows on a host on which others have networks and rules.</summary>
public sealed class GrowthOnSharedHostTests(BuiltImage image)
{
    private const string Theirs = "192.168.50.0/24";
    private const string OldRule = "-A POSTROUTING -s 192.168.100.0/24 -o uplink0 -j MASQUERADE";

    [Fact]
    public async Task A_network_of_another_program_stands_in_the_way_unless_it_is_reserved()
    {
        await using var host = await TestHost.StartAsync(image: null);
        host.Run("ip", "link", "add", "docker0", "type", "bridge");
        host.Run("ip", "address", "add", "192.168.50.1/24", "dev", "docker0");
        host.Run("ip", "link", "set", "docker0", "up");

        var plan = await host.Api.PlanAsync(GrowthTests.To16);
        Assert.False(plan.Applicable);
        var conflict = Assert.Single(plan.Conflicts);
        Assert.Equal("overlap", conflict.Code);
        Assert.Contains(Theirs, conflict.Message);
        Assert.Contains("docker0", conflict.Message);
        Assert.Contains($"--reserve {Theirs}", conflict.Fix);
        var problem = await host.Api.RefusedApplyAsync(plan);
        Assert.EndsWith(ProblemTypes.PlanConflicts, problem.Type);
        Assert.Equal(["192.168.100.0/24"], host.FirewallSet("pool_networks"));

        await host.Api.ChangeAsync(GrowthTests.To16 with { Reservations = [Theirs] });
        Assert.Equal(["192.168.0.0/16"], host.FirewallSet("pool_networks"));
        await Eventually.TrueAsync(
            async () => (await host.Api.PoolAsync()).Free == 65_533 - 256,
            "all is free but the reserved network, and the old gateway as well, which nobody knows"
        );
        var refused = await host.Api.RefusedLeaseAsync("192.168.50.7");
        Assert.EndsWith(ProblemTypes.AddressReserved, refused.Type);
        Assert.Contains("192.168.50.1/24", host.Run("ip", "address", "show", "dev", "docker0"));
    }

    [Fact]
    public async Task An_old_masquerade_rule_is_replaced_under_traffic_and_put_back_by_the_rollback()
    {
        using var scratch = new ScratchDirectory();
        var saved = $"*nat\n:POSTROUTING ACCEPT [0:0]\n{OldRule}\nCOMMIT\n";
        await File.WriteAllTextAsync(scratch["rules.v4"], saved, TestContext.Current.CancellationToken);
        await using var host = await TestHost.StartAsync(
            image,
            $"[network]\niptables_rules_file = \"{scratch["rules.v4"]}\""
        );
        host.Run("iptables-nft", ["-t", "nat", .. OldRule.Split(' ')]);
        var vms = await host.RunVmsAsync(1);
        await using var stream = await NumberStream.StartAsync(host, vms[0]);

        var plan = await host.Api.PlanAsync(GrowthTests.To16);
        foreach (var place in (string[])["iptables", "file"])
            Assert.Contains("-s 192.168.100.0/24", Assert.Single(plan.Changes, c => c.Object == place).Text);
        Assert.Equal(OldRule, NatRule(host));

        var begun = await host.Api.ApplyAsync(plan, confirmWithinSeconds: 10);
        await host.Api.AwaitsConfirmationAsync(begun);
        Assert.Equal("", NatRule(host));
        Assert.DoesNotContain("MASQUERADE", await FileAsync());
        Assert.Equal("yes", host.AskGuest(vms[0], $"reach?{TestHost.FarAddress}"));

        Assert.Equal("rolled-back", (await host.Api.EndAsync(begun)).Status);
        Assert.Equal(OldRule, NatRule(host));
        Assert.Equal(saved, await FileAsync());
        Assert.Equal("yes", host.AskGuest(vms[0], $"reach?{TestHost.FarAddress}"));

        await host.Api.ChangeAsync(GrowthTests.To16);
        Assert.Equal("", NatRule(host));
        await host.Api.ChangeAsync(new CreatePlanRequest("rollback"));
        Assert.Equal(OldRule, NatRule(host));
        Assert.Equal(saved, await FileAsync());
        await stream.IsCompleteAsync();
        await host.AssertUntouchedAsync(vms);

        Task<string> FileAsync() => File.ReadAllTextAsync(scratch["rules.v4"], TestContext.Current.CancellationToken);
    }

    /// <summary>The rules that iptables has for translation, as it lists them; empty when it has none.</summary>
    private static string NatRule(TestHost host) =>
        string.Join(
            '\n',
            host.Run("iptables-nft", "-t", "nat", "-S", "POSTROUTING")
                .Split('\n')
                .Where(l => l.StartsWith("-A", StringComparison.Ordinal))
        );
}
