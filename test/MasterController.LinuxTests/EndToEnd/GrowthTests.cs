using MasterController.Contracts;
using MasterController.LinuxTests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>The pool is changed under real VMs, which notice nothing of it.</summary>
public sealed class GrowthTests(BuiltImage image)
{
    internal static readonly CreatePlanRequest To16 = new("expand", "192.168.0.0/16");
    private static readonly CreatePlanRequest To8 = new("expand", "10.0.0.0/8");

    [Fact]
    public async Task Nothing_is_lost_while_the_pool_grows_twice_and_goes_back()
    {
        await using var host = await TestHost.StartAsync(image);
        var vms = await host.RunVmsAsync(3);
        await using var stream = await NumberStream.StartAsync(host, vms[0]);
        await using var pings = FloodPing.Start(host, vms);

        var grown = await host.Api.ChangeAsync(To16);
        Assert.StartsWith("3 of 3 VMs that answered before answer now; ", grown.Result);
        await IsAsync(host, ["192.168.0.0/16"], gateways: ["192.168.0.1", "192.168.100.1"], free: 65_529);
        var fourth = await host.Api.CreateAsync();
        Assert.Equal(("192.168.0.2", "192.168.0.1"), (fourth.Address, fourth.Gateway));
        Assert.StartsWith("192.168.0.2::192.168.0.1:255.255.0.0:", PoolApi.KernelIp(fourth));
        await host.Api.WaitReadyAsync(fourth.Id);
        await host.AssertUntouchedAsync([.. vms, fourth]);

        await host.Api.ChangeAsync(To8);
        await IsAsync(
            host,
            ["10.0.0.0/8", "192.168.0.0/16"],
            gateways: ["10.0.0.1", "192.168.0.1", "192.168.100.1"],
            free: 65_528 + 16_777_213
        );
        var history = await host.Api.PoolHistoryAsync();
        Assert.Equal(["create", "expand", "expand"], history.Select(v => v.Action));

        await RefusesToLeaveAsync(host, fourth);
        await host.Api.DeleteAsync(fourth.Id);
        await host.Api.ChangeAsync(new("rollback", Version: history[1].Version));
        Assert.Equal(["192.168.0.0/16"], host.FirewallSet("pool_networks"));
        await host.Api.ChangeAsync(new("rollback", Version: history[0].Version));
        await IsAsync(host, ["192.168.100.0/24"], gateways: ["192.168.100.1"], free: 250);

        await host.AssertUntouchedAsync(vms);
        await pings.NothingIsLostAsync("/24 → /16 → + /8 → /16 → /24");
        await stream.IsCompleteAsync();
    }

    [Fact]
    public async Task Old_and_new_vms_reach_each_other_and_the_old_gateway_retires_with_the_last_that_knows_it()
    {
        await using var host = await TestHost.StartAsync(image, "[pool.default]\nallow_vm_to_vm = true");
        var old = await host.RunVmsAsync(2);
        await host.Api.ChangeAsync(To16);
        var fresh = (await host.RunVmsAsync(1))[0];

        // A /24 mask on one side, a /16 mask on the other.
        Assert.StartsWith("192.168.100.2::192.168.100.1:255.255.255.0:", PoolApi.KernelIp(old[0]));
        Assert.StartsWith("192.168.0.2::192.168.0.1:255.255.0.0:", PoolApi.KernelIp(fresh));
        Assert.Equal("yes", host.AskGuest(old[0], $"reach?{fresh.Address}"));
        Assert.Equal("yes", host.AskGuest(fresh, $"reach?{old[0].Address}"));
        Assert.Equal("yes", host.AskGuest(old[0], $"reach?{old[1].Address}"));

        Assert.Equal("yes", host.AskGuest(old[0], "reach?192.168.100.1"));
        Assert.Equal("yes", host.AskGuest(fresh, "reach?192.168.0.1"));
        var kept = Assert.Single((await host.Api.PoolAsync()).KeptGateways);
        Assert.Equal("192.168.100.1", kept.Address);
        Assert.Equal(old.Select(v => v.Name).Order(StringComparer.Ordinal), kept.Users);
        Assert.Contains("192.168.100.1", (await host.Api.RefusedLeaseAsync("192.168.100.1")).Detail);

        await host.Api.DeleteAsync(old[1].Id);
        Assert.Single((await host.Api.PoolAsync()).KeptGateways);
        var restarted = await host.Api.ChangeAsync(old[0].Id, "restart", timeoutSeconds: 60);
        Assert.Equal((old[0].Address, "192.168.0.1"), (restarted.Address, restarted.Gateway));
        await host.Api.WaitReadyAsync(restarted.Id);
        await Eventually.TrueAsync(
            async () =>
                (await host.Api.PoolAsync()).KeptGateways.Count == 0 && host.GatewayAddresses() is ["192.168.0.1"],
            "the old gateway retires"
        );
        Assert.Equal("retire-gateway", (await host.Api.PoolHistoryAsync())[^1].Action);
        Assert.Equal("192.168.100.1", (await host.Api.LeaseAsync("printer", "192.168.100.1")).Address);
        Assert.Equal("yes", host.AskGuest(restarted, $"reach?{fresh.Address}"));
        Assert.Equal("yes", host.AskGuest(restarted, $"reach?{TestHost.FarAddress}"));
    }

    [Fact]
    public async Task Unconfirmed_it_is_taken_back_by_itself_and_confirmed_it_stays()
    {
        await using var host = await TestHost.StartAsync(image);
        var vms = await host.RunVmsAsync(1);
        await using var pings = FloodPing.Start(host, vms);

        var begun = await BeginToConfirmAsync(host, seconds: 10);
        await IsAsync(host, ["192.168.0.0/16"], gateways: ["192.168.0.1", "192.168.100.1"], free: 65_531);
        var ended = await host.Api.EndAsync(begun);
        Assert.Equal(("rolled-back", "not confirmed within 10 s"), (ended.Status, ended.Error));
        await IsAsync(host, ["192.168.100.0/24"], gateways: ["192.168.100.1"], free: 252);
        var late = await host.Api.ConfirmTooLateAsync();
        Assert.EndsWith(ProblemTypes.ConfirmTooLate, late.Type);
        Assert.Equal(begun.Id, late.OperationId);

        begun = await BeginToConfirmAsync(host, seconds: 600);
        await host.Api.ConfirmAsync();
        Assert.Equal("succeeded", (await host.Api.EndAsync(begun)).Status);
        await IsAsync(host, ["192.168.0.0/16"], gateways: ["192.168.0.1", "192.168.100.1"], free: 65_531);
        await host.AssertUntouchedAsync(vms);
        await pings.NothingIsLostAsync("unconfirmed, taken back, made again, confirmed");
    }

    private static async Task<Operation> BeginToConfirmAsync(TestHost host, int seconds)
    {
        // A gateway that retires makes a version of its own, and a plan against the former one stale.
        await Eventually.TrueAsync(
            async () => (await host.Api.PoolAsync()).KeptGateways.Count == 0,
            "the former gateway has retired"
        );
        var begun = await host.Api.ApplyAsync(await host.Api.PlanAsync(To16), seconds);
        await host.Api.AwaitsConfirmationAsync(begun);
        return begun;
    }

    /// <summary>Store, API and kernel agree on it.</summary>
    private static async Task IsAsync(TestHost host, string[] networks, string[] gateways, long free)
    {
        var pool = await host.Api.PoolAsync();
        Assert.Equal(networks, pool.Ranges.Select(r => r.Cidr).Order(StringComparer.Ordinal));
        Assert.Equal(networks, host.FirewallSet("pool_networks"));
        Assert.Equal(free, pool.Free);
        Assert.Equal(pool.Total, pool.Used + pool.Cooling + pool.Reserved + pool.Free);
        // One that nobody uses any more goes a moment later.
        await Eventually.TrueAsync(
            () => host.GatewayAddresses().SequenceEqual(gateways),
            $"the host answers on {string.Join(", ", gateways)}"
        );
    }

    /// <summary>Back to the /24, the lease of a VM on the new part stands in the way, and is named.</summary>
    private static async Task RefusesToLeaveAsync(TestHost host, Vm outside)
    {
        var before = host.FirewallSet("pool_networks");
        var plan = await host.Api.PlanAsync(new("rollback", Version: 1));
        Assert.False(plan.Applicable);
        Assert.Equal(
            (outside.Address, outside.Id),
            Assert.Single(plan.LeasesOutside.Select(l => (l.Address, l.Owner)))
        );
        var problem = await host.Api.RefusedApplyAsync(plan);
        Assert.Contains(outside.Address, problem.Detail);
        Assert.Equal(before, host.FirewallSet("pool_networks"));
    }
}
