using System.Text.Json;
using MasterController.LinuxTests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>VMs of a pool in bridge mode: the real controller, a real guest.</summary>
public sealed class BridgePoolTests(BuiltImage image)
{
    [Fact]
    public async Task A_vm_on_the_bridge_answers_outlives_its_controller_and_goes_without_a_trace()
    {
        await using var host = await TestHost.StartAsync(image, "[pool.default]\nnetwork = \"bridge\"");
        var pool = await host.Api.PoolAsync();
        Assert.Equal("bridge", pool.Network);

        var vm = await host.Api.CreateAsync();
        Assert.Equal("running", vm.Status);
        await host.Api.WaitReadyAsync(vm.Id);
        Assert.True(host.Pings(vm.Address));
        Assert.Contains("master fcbr0", host.Run("ip", "link", "show", vm.Tap!));
        Assert.Contains("192.168.100.1/24", host.Run("ip", "address", "show", "fcbr0"));
        Assert.Empty(host.Run("ip", "route", "show", "proto", "252"));

        await host.KillControllerAsync();
        Assert.True(host.Pings(vm.Address));
        await host.StartControllerAsync();
        Assert.True(host.Pings(vm.Address));
        var found = JsonDocument.Parse(host.Run("nft", "-j", "list", "set", "bridge", "master_controller", "guests"));
        Assert.Contains(vm.Tap!, found.RootElement.GetRawText());

        await host.Api.DeleteAsync(vm.Id);
        Assert.DoesNotContain(vm.Tap!, host.Run("ip", "link", "show"));
        Assert.DoesNotContain(vm.Tap!, host.Run("nft", "list", "table", "bridge", "master_controller"));
        Assert.Empty(host.Run("ip", "neighbour", "show", "nud", "permanent"));
    }
}
