using System.Net;
using MasterController.Contracts;
using MasterController.LinuxTests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>The real controller, real TAPs, real VMs.</summary>
public sealed class LifecycleTests(BuiltImage image)
{
    [Fact]
    public async Task A_vm_boots_says_that_it_is_ready_and_answers_at_its_address()
    {
        await using var host = await TestHost.StartAsync(image);

        var vm = await host.Api.CreateAsync(new CreateVmRequest(Name: "web", Labels: Labels("tier", "front")));

        Assert.Equal("running", vm.Status);
        Assert.Equal("192.168.100.2", vm.Address);
        Assert.Equal("192.168.100.1", vm.Gateway);
        Assert.Equal("fcc0a86402", vm.Tap);
        Assert.Equal("02:fc:c0:a8:64:02", vm.Mac);
        Assert.Equal("qemu-tcg", vm.Hypervisor);
        Assert.Equal([vm.Tap], host.Taps());
        await host.Api.WaitReadyAsync(vm.Id);
        Assert.True(host.Pings(vm.Address));
        Assert.Contains("master-controller: guest ready 192.168.100.2", await host.Api.ConsoleAsync(vm.Id));
        var traffic = await host.Api.GetAsync("network/traffic", ContractsJson.Default.NetworkTraffic);
        var own = Assert.Single(traffic.Items);
        Assert.Equal((vm.Id, vm.Address), (own.Id, own.Address));
        Assert.True(own is { In.Packets: > 0, Out.Packets: > 0 });
        Assert.Equal((1, own.In!.Bytes), (traffic.Vms, traffic.In.Bytes));
    }

    [Fact]
    public async Task The_vm_process_has_no_rights_and_its_files_are_its_own()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();

        var status = await File.ReadAllLinesAsync($"/proc/{vm.Pid}/status", TestContext.Current.CancellationToken);
        Assert.Contains(status, l => l.StartsWith("CapEff:\t0000000000000000", StringComparison.Ordinal));
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Contains("Seccomp:\t2", status);
        Assert.DoesNotContain(status, l => l.StartsWith("Uid:\t0", StringComparison.Ordinal));
        var directory = Path.Combine(host.StateDirectory, "vms", vm.Id);
        Assert.Equal("700", host.Run("stat", "-c", "%a", directory).Trim());
        foreach (var file in System.IO.Directory.EnumerateFiles(directory))
        {
            var mode = host.Run("stat", "-c", "%a %F", file).Trim();
            // The base that all VMs share has its name here too, for reading only.
            var expected = Path.GetFileName(file) switch
            {
                "root.img" => "444 regular file",
                "control.sock" => "600 socket",
                _ => "600 regular",
            };
            Assert.True(mode.StartsWith(expected, StringComparison.Ordinal), $"{file}: {mode}");
        }
    }

    [Fact]
    public async Task Stop_is_graceful_and_start_gives_the_same_address_and_disks_again()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();
        await host.Api.WaitReadyAsync(vm.Id);

        var stopped = await host.Api.ChangeAsync(vm.Id, "stop", timeoutSeconds: 60);

        Assert.Equal("stopped", stopped.Status);
        Assert.Null(stopped.StatusReason);
        Assert.Empty(host.Taps());
        Assert.Empty(host.VmProcesses());
        var started = await host.Api.ChangeAsync(vm.Id, "start");
        Assert.Equal("running", started.Status);
        Assert.Equal(vm.Address, started.Address);
        await host.Api.WaitReadyAsync(vm.Id);
        Assert.True(host.Pings(vm.Address));
    }

    [Fact]
    public async Task A_guest_that_does_not_end_is_forced_after_the_time()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();

        // It has only just begun to boot and hears no power button yet.
        var stopped = await host.Api.ChangeAsync(vm.Id, "stop", timeoutSeconds: 0);

        Assert.Equal("stopped", stopped.Status);
        Assert.Empty(host.VmProcesses());
    }

    [Fact]
    public async Task Restart_boots_a_new_process_at_the_same_address()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();
        await host.Api.WaitReadyAsync(vm.Id);

        var restarted = await host.Api.ChangeAsync(vm.Id, "restart", timeoutSeconds: 60);

        Assert.Equal("running", restarted.Status);
        Assert.NotEqual(vm.Pid, restarted.Pid);
        await host.Api.WaitReadyAsync(vm.Id);
        Assert.True(host.Pings(vm.Address));
    }

    [Fact]
    public async Task Delete_leaves_nothing_but_an_address_that_cools_down()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();

        await host.Api.DeleteAsync(vm.Id);

        Assert.Empty(host.Taps());
        Assert.Empty(host.VmProcesses());
        Assert.Empty(System.IO.Directory.EnumerateFileSystemEntries(Path.Combine(host.StateDirectory, "vms")));
        Assert.DoesNotContain("192.168.100.2", host.Run("ip", "route", "show", "table", "all"));
        Assert.DoesNotContain("192.168.100.2", host.Run("ip", "neighbour", "show"));
        var pool = await host.Api.PoolAsync();
        Assert.Equal((0, 1, 252), (pool.Used, pool.Cooling, pool.Free));
    }

    [Fact]
    public async Task Twenty_creates_at_once_get_twenty_addresses()
    {
        await using var host = await TestHost.StartAsync(image);

        var vms = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Api.CreateAsync(waitSeconds: 120)));

        Assert.All(vms, vm => Assert.Equal("running", vm.Status));
        Assert.Equal(20, vms.Select(v => v.Address).Distinct().Count());
        Assert.Equal(vms.Select(v => v.Tap).Order(StringComparer.Ordinal), host.Taps());
        Assert.Equal(20, host.VmProcesses().Count);
    }

    [Fact]
    public async Task A_vm_deleted_while_it_is_created_leaves_nothing()
    {
        await using var host = await TestHost.StartAsync(image);
        for (var round = 0; round < 10; round++)
        {
            var vm = await host.Api.CreateAsync(waitSeconds: 0);
            await Task.Delay(TimeSpan.FromMilliseconds(15 * round), TestContext.Current.CancellationToken);
            await host.Api.DeleteAsync(vm.Id);
        }

        Assert.Empty(await host.Api.VmsAsync());
        Assert.Empty(host.Taps());
        Assert.Empty(host.VmProcesses());
        Assert.Equal(0, (await host.Api.PoolAsync()).Used);
    }

    [Fact]
    public async Task A_killed_vm_process_makes_a_failed_vm_with_the_reason()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync();
        await host.Api.WaitReadyAsync(vm.Id);

        host.Run("kill", "-KILL", $"{vm.Pid}");

        await StatusAsync(host, vm.Id, "failed");
        var failed = await host.Api.VmAsync(vm.Id);
        Assert.Contains("ended by signal 9", failed.StatusReason);
        Assert.Contains("guest ready", failed.StatusReason);
        Assert.Empty(host.Taps());
    }

    [Fact]
    public async Task Restart_on_failure_brings_a_killed_vm_back()
    {
        await using var host = await TestHost.StartAsync(image);
        var vm = await host.Api.CreateAsync(new CreateVmRequest(Restart: "on-failure"));

        host.Run("kill", "-KILL", $"{vm.Pid}");

        await Eventually.TrueAsync(
            async () => await host.Api.VmAsync(vm.Id) is { Status: "running", Restarts: 1 },
            "the VM runs again"
        );
        await host.Api.WaitReadyAsync(vm.Id);
        Assert.True(host.Pings(vm.Address));
    }

    [Fact]
    public async Task Without_an_image_a_create_is_refused_and_says_how_to_get_one()
    {
        await using var host = await TestHost.StartAsync(image: null);

        var problem = await host.Api.SendAsync(
            HttpMethod.Post,
            "vms",
            HttpStatusCode.Conflict,
            ContractsJson.Default.Problem,
            ApiClient.Body(new CreateVmRequest(), ContractsJson.Default.CreateVmRequest)
        );

        Assert.EndsWith(ProblemTypes.ImageMissing, problem.Type);
        Assert.Equal(0, (await host.Api.PoolAsync()).Used);
    }

    [Fact]
    public async Task The_same_idempotency_key_gives_the_same_vm_also_after_a_restart_of_the_controller()
    {
        await using var host = await TestHost.StartAsync(image);
        var body = new CreateVmRequest(Owner: "ci");

        var vms = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CreateWithKeyAsync(host, body)));
        await host.KillControllerAsync();
        await host.StartControllerAsync();
        var after = await CreateWithKeyAsync(host, body);

        Assert.Single(vms.Append(after).Select(v => v.Id).Distinct());
        await host.Api.SendAsync(
            HttpMethod.Post,
            "vms",
            HttpStatusCode.Conflict,
            ContractsJson.Default.Problem,
            ApiClient.Body(new CreateVmRequest(Owner: "other"), ContractsJson.Default.CreateVmRequest),
            idempotencyKey: "k1"
        );
    }

    private static async Task<Vm> CreateWithKeyAsync(TestHost host, CreateVmRequest body)
    {
        using var http = ApiClient.Body(body, ContractsJson.Default.CreateVmRequest);
        return await host.Api.SendAnyAsync(
            HttpMethod.Post,
            "vms",
            [HttpStatusCode.Accepted, HttpStatusCode.OK],
            ContractsJson.Default.Vm,
            http,
            idempotencyKey: "k1"
        );
    }

    private static Task StatusAsync(TestHost host, string id, string status) =>
        Eventually.TrueAsync(async () => (await host.Api.VmAsync(id)).Status == status, $"{id} is {status}");

    private static Dictionary<string, string> Labels(string key, string value) => new() { [key] = value };
}
