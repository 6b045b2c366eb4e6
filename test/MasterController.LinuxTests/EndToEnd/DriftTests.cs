using System.Text.Json;
using MasterController.Contracts;
using MasterController.LinuxTests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>The real controller and mctl: what somebody does to the host network is mended and told.</summary>
public sealed class DriftTests(BuiltImage image)
{
    private static readonly string Mctl = Path.Combine(Repository.Root, "out", "bin", "mctl");

    [Fact]
    public async Task A_link_taken_down_from_outside_is_up_again_within_seconds_and_mctl_tells_of_it()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();
        await host.Api.WaitReadyAsync(vm.Id);
        Assert.True(host.Pings(vm.Address));

        host.Run("ip", "link", "set", vm.Tap!, "down");

        var drift = await EventuallyRepairedAsync(host, "link", vm.Tap!);
        Assert.Equal("up, address 02:fc:00:00:00:01, group 26211", drift.Expected);
        Assert.StartsWith("down, ", drift.Found, StringComparison.Ordinal);
        Assert.True(drift.Ended - drift.Since < TimeSpan.FromSeconds(30), $"it took {drift.Ended - drift.Since}");
        Assert.True(host.Pings(vm.Address));
        var status = Read(host, ContractsJson.Default.NetworkStatus, "net", "status");
        Assert.Equal(("routed", 0), (status.Mode, status.Drift.Ours));
        Assert.Equal((1, 1), (status.Observation!.Desired, status.Observation.Present));
        Assert.Contains($"1 of 1 there", host.Run(Mctl, "--socket", host.Socket, "net", "status"));
    }

    [Fact]
    public async Task A_flushed_table_is_there_again_at_once_with_the_name_of_who_flushed_it()
    {
        await using var host = await TestHost.StartAsync(image: null);

        host.Run("nft", "flush", "ruleset");

        var drift = await EventuallyRepairedAsync(host, "nftables", "inet master_controller");
        Assert.Equal(1, drift.Observations);
        Assert.StartsWith("nft (process ", drift.By, StringComparison.Ordinal);
        Assert.Contains("chain from_guest", host.Run("nft", "list", "table", "inet", "master_controller"));
    }

    [Fact]
    public async Task A_plan_changes_nothing_and_a_repair_leaves_nothing_of_ours()
    {
        await using var host = await TestHost.StartAsync(image: null);
        host.Run("ip", "route", "add", "192.168.100.77", "dev", "lo", "proto", "252");
        host.Run("ip", "route", "add", "192.168.100.128/25", "dev", "lo");

        var plan = Read(host, ContractsJson.Default.NetworkRepair, "net", "repair", "--plan");
        var repair = Read(host, ContractsJson.Default.NetworkRepair, "net", "repair");

        // The loop may be there first.
        Assert.True(plan.Planned && plan.Repaired.Count == 0);
        Assert.All(plan.Changes, change => Assert.Equal("ip route delete 192.168.100.77 proto 252", change.Command));
        Assert.Empty(host.Run("ip", "route", "show", "proto", "252"));
        Assert.Equal(["another program"], repair.Open.Select(drift => drift.Owner));
        Assert.Contains("192.168.100.128/25", host.Run("ip", "route", "show"));
    }

    [Fact]
    public async Task A_deleted_interface_is_made_again_and_the_vm_needs_a_restart_which_is_said()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();
        await host.Api.WaitReadyAsync(vm.Id);

        host.Run("ip", "link", "delete", vm.Tap!);

        var drift = await EventuallyRepairedAsync(host, "tap", vm.Tap!);
        Assert.Contains($"restart the VM at {vm.Address}", drift.Advice);
        Assert.Equal([vm.Tap], host.Taps());
        Assert.Equal("running", (await host.Api.VmAsync(vm.Id)).Status);
        Assert.False(host.Pings(vm.Address));

        host.Run(Mctl, "--socket", host.Socket, "vm", "restart", vm.Id);
        await Eventually.TrueAsync(() => Task.FromResult(host.Pings(vm.Address)), "the restarted VM answers");
    }

    private static async Task<NetworkDrift> EventuallyRepairedAsync(TestHost host, string kind, string name)
    {
        NetworkDrift? repaired = null;
        await Eventually.TrueAsync(
            () =>
            {
                var list = Read(host, ContractsJson.Default.NetworkDriftList, "net", "drift", "--history");
                repaired = list.Items.FirstOrDefault(item =>
                    (item.Object, item.Name, item.State) == (kind, name, "repaired")
                );
                return Task.FromResult(repaired is not null);
            },
            $"{kind} {name} is repaired"
        );
        return repaired!;
    }

    private static T Read<T>(
        TestHost host,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        params string[] arguments
    ) => JsonSerializer.Deserialize(host.Run(Mctl, ["--socket", host.Socket, "-o", "json", .. arguments]), type)!;
}
