using MasterController.LinuxTests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>The systemd unit takes rights away; what it leaves must be enough.</summary>
public sealed class ServiceRightsTests(BuiltImage image)
{
    [Fact]
    public async Task The_capabilities_of_the_unit_are_enough_to_boot_find_again_and_end_vms()
    {
        await using var host = await TestHost.StartAsync(
            image,
            launcher:
            [
                "setpriv",
                "--no-new-privs",
                "--inh-caps=-all",
                $"--bounding-set=-all,{UnitCapabilities()}",
                "--",
            ]
        );
        var vm = await host.Api.CreateAsync();
        Assert.True(vm.Status == "running", vm.StatusReason);
        await host.Api.WaitReadyAsync(vm.Id);
        Assert.True(host.Pings(vm.Address));

        await host.KillControllerAsync();
        await host.StartControllerAsync();

        Assert.Equal(vm.Pid, (await host.Api.VmAsync(vm.Id)).Pid);
        await host.Api.DeleteAsync(vm.Id);
        Assert.Empty(host.VmProcesses());
        Assert.Empty(host.Taps());
    }

    /// <summary>"+net_admin,+setuid,…" of the line CapabilityBoundingSet=CAP_NET_ADMIN CAP_SETUID ….</summary>
    private static string UnitCapabilities()
    {
        const string Key = "CapabilityBoundingSet=";
        var unit = Path.Combine(Repository.Root, "packaging", "systemd", "master-controller.service");
        var line = File.ReadLines(unit).Single(l => l.StartsWith(Key, StringComparison.Ordinal));
        return string.Join(
            ',',
            line[Key.Length..].Split(' ').Select(name => $"+{name["CAP_".Length..].ToLowerInvariant()}")
        );
    }
}
