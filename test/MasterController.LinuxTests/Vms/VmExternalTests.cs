using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Recovery;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.LinuxTests.EndToEnd;

namespace MasterController.LinuxTests.Vms;

/// <summary>How VMs are reached from outside, over their lives, with a network that only remembers.</summary>
public sealed class VmExternalTests : IAsyncDisposable
{
    private readonly Machine _machine = new() { External = Configured("2001:db8:1250::/64", "203.0.113.32/29") };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task A_VM_leases_its_IPv6_with_its_IPv4_keeps_it_over_a_stop_and_frees_it_when_it_is_deleted()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Name: "web", Ipv6: "auto"));
        Assert.Equal("2001:db8:1250:0:10:9:0:2", $"{vm.External?.Ipv6}");
        Assert.Equal(vm.External, _machine.Network.ExternalOf($"{vm.Address}"));
        var commit = _machine.Store.Commits.Single(c => c.Any(r => r is StoreChange.LeaseSaved));
        Assert.Contains(commit, r => r is StoreChange.VmSaved { Vm.External.Ipv6: not null });
        Assert.Contains(commit, r => r is StoreChange.ExternalLeaseSaved);

        await controller.Vms.StopAsync(vm.Id, TimeSpan.Zero);
        vm = await controller.StatusAsync(vm.Id, VmStatus.Stopped);
        Assert.NotNull(vm.External?.Ipv6);
        await controller.Vms.StartAsync(vm.Id);
        vm = await controller.StatusAsync(vm.Id, VmStatus.Running);
        Assert.Equal(vm.External, _machine.Network.ExternalOf($"{vm.Address}"));

        await controller.Vms.DeleteAsync(vm.Id);
        await controller.GoneAsync(vm.Id);
        Assert.Equal(["cooling"], controller.External.Leases.Select(l => l.ReleasedAt is null ? "used" : "cooling"));
        var past = await _machine.Store.ReadExternalChangesAsync(vm.Id, null, 10, Cancelled);
        Assert.Equal(["delete", "create"], past.Items.Select(c => c.Action));
    }

    [Fact]
    public async Task A_VM_has_IPv6_by_its_type_and_not_where_it_says_none()
    {
        _machine.Settings = _machine.Settings with
        {
            Types = new Dictionary<string, VmType> { ["cli"] = new("cli", 1, 256, Ipv6: true) },
        };
        var controller = await _machine.StartAsync();
        Assert.NotNull((await controller.RunVmAsync()).External?.Ipv6);
        Assert.Null((await controller.RunVmAsync(new VmRequest(Ipv6: "none"))).External);
    }

    [Theory]
    [InlineData("2001:db8:9::1")]
    [InlineData("2001:db8:1250::")]
    [InlineData("yes")]
    public async Task A_VM_whose_IPv6_cannot_be_had_has_no_IPv4_either(string ipv6)
    {
        var controller = await _machine.StartAsync();
        var outcome = await controller.Vms.CreateAsync(new VmRequest(Name: "web", Ipv6: ipv6), null, null);
        if (outcome is VmOutcome.Invalid invalid)
            Assert.Contains($"\"{ipv6}\"", Assert.Single(invalid.Errors["ipv6"]), StringComparison.Ordinal);
        else
            Assert.Contains(
                ipv6,
                Assert.IsType<VmOutcome.NoDedicatedAddress>(outcome).Reason.Words,
                StringComparison.Ordinal
            );
        Assert.Empty(controller.Pools.Leases(Controller.Pool));
        Assert.Empty(controller.External.Leases);
        Assert.Empty(controller.Vms.All);
        // The name is free again, and the address.
        Assert.Equal("10.9.0.2", $"{(await controller.RunVmAsync(new VmRequest(Name: "web"))).Address}");
    }

    [Fact]
    public async Task Without_a_prefix_IPv6_is_refused_by_the_key()
    {
        _machine.External = ExternalSettings.None;
        var controller = await _machine.StartAsync();
        var refused = Assert.IsType<VmOutcome.NoDedicatedAddress>(
            await controller.Vms.CreateAsync(new VmRequest(Ipv6: "auto"), null, null)
        );
        Assert.Equal("there is no prefix for IPv6: external.ipv6 is empty", refused.Reason.Words);
    }

    [Fact]
    public async Task A_store_that_refuses_the_lease_leaves_neither_address()
    {
        var controller = await _machine.StartAsync();
        _machine.Store.Refuses = changes => changes.Any(c => c is StoreChange.ExternalLeaseSaved);
        await Assert.ThrowsAsync<StoreException>(() =>
            controller.Vms.CreateAsync(new VmRequest(Ipv6: "auto"), null, null)
        );
        Assert.Empty(controller.External.Leases);
        Assert.Equal(0, controller.Pools.Counts(Controller.Pool)!.Value.Used);
        _machine.Store.Refuses = _ => false;
        Assert.NotNull((await controller.RunVmAsync(new VmRequest(Ipv6: "auto"))).External?.Ipv6);
    }

    [Fact]
    public async Task A_crash_at_any_commit_of_a_create_and_a_delete_leaves_both_addresses_or_neither()
    {
        for (var commits = 0; commits < 12; commits++)
        {
            await using var machine = new Machine { External = _machine.External };
            var controller = await machine.StartAsync();
            machine.Store.CrashAfter(commits);
            var living = LiveAsync(controller);
            await Eventually.TrueAsync(() => machine.Store.IsCrashed || living.IsCompleted, "crashed or done");
            controller.Crash();

            controller = await machine.StartAsync();
            var stored = await machine.Store.LoadAsync(Cancelled);
            var dedicated = stored.ExternalLeases.Where(l => l.ReleasedAt is null).Select(l => l.Vm).Order().ToArray();
            Assert.Equal(stored.Leases.Select(l => l.Owner).Order(), dedicated);
            Assert.Equal(stored.Vms.Where(v => v.External?.Ipv6 is not null).Select(v => v.Id).Order(), dedicated);
            await controller.AssertConsistentAsync();
        }

        static async Task LiveAsync(Controller controller)
        {
            var vm = await controller.RunVmAsync(new VmRequest(Ipv6: "auto"));
            await controller.Vms.DeleteAsync(vm.Id);
            await controller.GoneAsync(vm.Id);
        }
    }

    [Fact]
    public async Task A_public_IPv4_is_moved_in_one_commit_and_taken_before_it_is_given()
    {
        var controller = await _machine.StartAsync();
        var (a, b) = (
            await controller.RunVmAsync(new VmRequest(Name: "a")),
            await controller.RunVmAsync(new VmRequest(Name: "b"))
        );
        var given = await DoneAsync(
            controller.ExternalChanges.AttachAddressAsync("a", null, null, false, false, Cancelled)
        );
        Assert.Equal("give 203.0.113.33 to a", given.Summary);
        Assert.Single(given.Host);
        var refused = Assert.IsType<ExternalOutcome.Refused>(
            await controller.ExternalChanges.AttachAddressAsync("b", "203.0.113.33", null, false, false, Cancelled)
        );
        Assert.Equal(a.Id, Assert.IsType<ExternalRefusal.AddressInUse>(refused.Reason).Vm);

        _machine.Network.Changed = _machine.Network.AssertNoneTwice;
        var before = _machine.Store.Commits.Count;
        var moved = await DoneAsync(
            controller.ExternalChanges.AttachAddressAsync("b", "203.0.113.33", "ipv4", true, false, Cancelled)
        );
        Assert.Equal("move 203.0.113.33 from a to b", moved.Summary);
        Assert.Equal(before + 1, _machine.Store.Commits.Count);
        Assert.Null(_machine.Network.ExternalOf($"{a.Address}"));
        Assert.Equal("203.0.113.33", $"{_machine.Network.ExternalOf($"{b.Address}")?.PublicIpv4}");
        Assert.Equal(b.Id, controller.External.HolderOf(IpAddress.Parse("203.0.113.33")));
        await Eventually.TrueAsync(() => controller.EventsOf(a.Id).Count(e => e == "external.changed") == 2, "told");

        var back = await DoneAsync(controller.ExternalChanges.RollBackAsync(moved.Id!, false, Cancelled));
        Assert.Equal("203.0.113.33", $"{_machine.Network.ExternalOf($"{a.Address}")?.PublicIpv4}");
        Assert.Null(controller.Vms.Find("b")!.External);
        await DoneAsync(controller.ExternalChanges.DetachAddressAsync("a", "203.0.113.33", false, Cancelled));
        var conflicts = Assert.IsType<ExternalOutcome.Conflicts>(
            await controller.ExternalChanges.RollBackAsync(back.Id!, false, Cancelled)
        );
        Assert.Contains(conflicts.InTheWay, c => c.Contains("of a is none", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Moves_both_ways_at_once_do_not_wait_for_each_other()
    {
        var controller = await _machine.StartAsync();
        await controller.RunVmAsync(new VmRequest(Name: "a", Ipv6: "auto"));
        await controller.RunVmAsync(new VmRequest(Name: "b"));
        await DoneAsync(
            controller.ExternalChanges.AttachAddressAsync("b", "203.0.113.34", null, false, false, Cancelled)
        );
        var ipv6 = $"{controller.Vms.Find("a")!.External!.Ipv6}";
        for (var round = 0; round < 10; round++)
        {
            var (here, there) = round % 2 == 0 ? ("b", "a") : ("a", "b");
            await Task.WhenAll(
                    DoneAsync(controller.ExternalChanges.AttachAddressAsync(here, ipv6, null, true, false, Cancelled)),
                    DoneAsync(
                        controller.ExternalChanges.AttachAddressAsync(
                            there,
                            "203.0.113.34",
                            null,
                            true,
                            false,
                            Cancelled
                        )
                    )
                )
                .WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        }
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task Openings_are_in_force_when_answered_and_end_with_the_last_address()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Name: "web", Ipv6: "auto"));
        var plan = await DoneAsync(
            controller.ExternalChanges.OpenAsync("web", ["tcp/22"], null, isPlan: true, Cancelled)
        );
        Assert.True(plan.IsPlan);
        Assert.Null(plan.Id);
        Assert.Single(plan.Host);
        Assert.Empty(controller.Vms.Find("web")!.External!.Open);

        await DoneAsync(
            controller.ExternalChanges.OpenAsync("web", ["tcp/22", "tcp/80-90"], ["10.0.0.0/8"], false, Cancelled)
        );
        Assert.Equal(
            ["tcp/22 from 10.0.0.0/8", "tcp/80-90 from 10.0.0.0/8"],
            _machine.Network.ExternalOf($"{vm.Address}")!.Open.Select(o => $"{o}")
        );
        var again = await DoneAsync(
            controller.ExternalChanges.OpenAsync("web", ["tcp/22"], ["10.0.0.0/8"], false, Cancelled)
        );
        Assert.Null(again.Id);
        await DoneAsync(controller.ExternalChanges.CloseAsync("web", ["tcp/85"], false, Cancelled));
        Assert.Equal(3, _machine.Network.ExternalOf($"{vm.Address}")!.Open.Count);

        await DoneAsync(controller.ExternalChanges.DetachAddressAsync("web", $"{vm.External!.Ipv6}", false, Cancelled));
        Assert.Null(_machine.Network.ExternalOf($"{vm.Address}"));
        Assert.Null(controller.Vms.Find("web")!.External);
        var none = Assert.IsType<ExternalOutcome.Refused>(
            await controller.ExternalChanges.OpenAsync("web", ["tcp/22"], null, false, Cancelled)
        );
        Assert.IsType<ExternalRefusal.NoneFree>(none.Reason);
    }

    [Theory]
    [InlineData(new[] { "tcp/0" }, null, "services[0]", "port 0")]
    [InlineData(new[] { "tcp/22", "tcp/70000" }, null, "services[1]", "port 70000")]
    [InlineData(new[] { "udp/9-1" }, null, "services[0]", "9-1 runs backwards")]
    [InlineData(new[] { "tcp/1-5000" }, null, "services", "5000 ports")]
    [InlineData(new[] { "tcp/22" }, "10.0.0.1/8", "from[0]", "host bits")]
    public async Task A_bad_opening_changes_nothing(string[] services, string? from, string field, string why)
    {
        var controller = await _machine.StartAsync();
        await controller.RunVmAsync(new VmRequest(Name: "web", Ipv6: "auto"));
        await RefusesAsync(
            controller,
            controller.ExternalChanges.OpenAsync("web", services, from is null ? null : [from], false, Cancelled),
            field,
            why
        );
    }

    [Fact]
    public async Task What_all_opens_is_not_closed_port_by_port()
    {
        var controller = await _machine.StartAsync();
        await controller.RunVmAsync(new VmRequest(Name: "web", Ipv6: "auto"));
        await DoneAsync(controller.ExternalChanges.OpenAsync("web", ["all"], null, false, Cancelled));
        await RefusesAsync(
            controller,
            controller.ExternalChanges.CloseAsync("web", ["tcp/22"], false, Cancelled),
            "services[0]",
            "is open by \"all\""
        );
    }

    [Theory]
    [InlineData("0", null, null, null, "guestPorts", "port 0 is not")]
    [InlineData("80", "65536", null, null, "hostPorts", "port 65536 is not")]
    [InlineData("80", "8010-8000", null, null, "hostPorts", "8010-8000 runs backwards")]
    [InlineData("80-82", "8000-8001", null, null, "guestPorts", "3 ports, and hostPorts, 8000-8001, is 2")]
    [InlineData("80", "8080", "198.51.100.9", null, "hostAddress", "198.51.100.9 is not an address of this host")]
    [InlineData("80", "8080", "host", null, "hostAddress", "\"host\" is not an IPv4 address")]
    [InlineData("80", "8080", null, "2001:db8::/32", "from[0]", "is IPv6")]
    [InlineData("1-20000", "30000-49999", null, null, "guestPorts", "20000 ports would be forwarded")]
    [InlineData("80", "22", null, null, "hostPorts", "a program of this host listens on all addresses, port 22/tcp")]
    [InlineData("80", "53", "198.51.100.1", null, "hostPorts", "listens on 198.51.100.1, port 53/tcp")]
    public async Task A_bad_forward_changes_nothing(
        string guest,
        string? host,
        string? address,
        string? from,
        string field,
        string why
    )
    {
        KnowHost();
        var controller = await _machine.StartAsync();
        await controller.RunVmAsync(new VmRequest(Name: "web"));
        await RefusesAsync(
            controller,
            controller.ExternalChanges.AddForwardAsync(
                new ForwardRequest("web", guest, host, address, From: from is null ? null : [from]),
                false,
                Cancelled
            ),
            field,
            why
        );
    }

    [Fact]
    public async Task A_forward_to_no_VM_is_not_found() =>
        Assert.Equal(
            new ExternalOutcome.NotFound("VM", "nobody"),
            await (await _machine.StartAsync()).ExternalChanges.AddForwardAsync(
                new ForwardRequest("nobody", "80"),
                false,
                Cancelled
            )
        );

    [Fact]
    public async Task Forwards_of_two_VMs_cannot_collide_and_ports_are_found_for_many_at_once()
    {
        KnowHost();
        var controller = await _machine.StartAsync();
        var (a, _) = (
            await controller.RunVmAsync(new VmRequest(Name: "a")),
            await controller.RunVmAsync(new VmRequest(Name: "b"))
        );
        var changes = controller.ExternalChanges;
        await DoneAsync(changes.AddForwardAsync(new ForwardRequest("a", "80-90", "8000-8010"), false, Cancelled));
        await RefusesAsync(
            controller,
            changes.AddForwardAsync(new ForwardRequest("b", "80", "8010", "198.51.100.1"), false, Cancelled),
            "hostPorts",
            "collides with the forward 8000-8010 -> 80-90/tcp"
        );
        await DoneAsync(
            changes.AddForwardAsync(new ForwardRequest("b", "80", "8010", Protocol: "udp"), false, Cancelled)
        );
        await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(i =>
                    DoneAsync(
                        changes.AddForwardAsync(new ForwardRequest(i % 2 == 0 ? "a" : "b", "22"), false, Cancelled)
                    )
                )
        );
        Assert.Equal(
            Enumerable.Range(20_000, 20),
            controller
                .Vms.All.SelectMany(v => v.External!.Forwards)
                .Select(f => (int)f.HostPorts.First)
                .Where(p => p >= 20_000)
                .Order()
        );
        var id = controller.Vms.Find("a")!.External!.Forwards[0].Id;
        await DoneAsync(changes.DeleteForwardAsync(id, false, Cancelled));
        Assert.DoesNotContain(_machine.Network.ExternalOf($"{a.Address}")!.Forwards, f => f.Id == id);
        Assert.IsType<ExternalOutcome.NotFound>(await changes.DeleteForwardAsync(id, false, Cancelled));
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task What_the_kernel_refuses_is_stored_and_tried_again_and_the_address_is_nobody_elses_until_then()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var machine = new Machine(clock) { External = _machine.External with { Cooldown = TimeSpan.Zero } };
        var controller = await machine.StartAsync();
        var a = await controller.RunVmAsync(new VmRequest(Name: "a"));
        await controller.RunVmAsync(new VmRequest(Name: "b"));
        var changes = controller.ExternalChanges;
        await DoneAsync(changes.AttachAddressAsync("a", "203.0.113.33", null, false, false, Cancelled));
        machine.Network.BeforeChange = () => throw new HostNetworkException("no");
        Assert.IsType<ExternalOutcome.NotInForce>(
            await changes.DetachAddressAsync("a", "203.0.113.33", false, Cancelled)
        );
        Assert.Null(controller.Vms.Find("a")!.External);
        Assert.IsType<ExternalOutcome.Refused>(
            await changes.AttachAddressAsync("b", "203.0.113.33", null, false, false, Cancelled)
        );
        machine.Network.BeforeChange = () => Task.CompletedTask;
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(5));
                return machine.Network.ExternalOf($"{a.Address}") is null
                    && controller.External.HolderOf(IpAddress.Parse("203.0.113.33")) is null;
            },
            "it is in force"
        );
        await DoneAsync(changes.AttachAddressAsync("b", "203.0.113.33", null, false, false, Cancelled));
    }

    [Theory]
    [InlineData("2001:db8:9::/64", "203.0.113.32/29", "external.ipv6 is 2001:db8:9::/64", "2001:db8:1250:0:10:9:0:2")]
    [InlineData("2001:db8:1250::/64", "192.0.2.0/29", "external.ipv4 is 192.0.2.0/29", "203.0.113.33")]
    public async Task A_controller_does_not_start_where_VMs_have_addresses_outside(
        string ipv6,
        string ipv4,
        string key,
        string address
    )
    {
        var controller = await _machine.StartAsync();
        await controller.RunVmAsync(new VmRequest(Name: "web", Ipv6: "auto"));
        await DoneAsync(controller.ExternalChanges.AttachAddressAsync("web", null, null, false, false, Cancelled));
        await controller.CrashBetweenFilesAsync();
        _machine.External = Configured(ipv6, ipv4);
        var refused = await Assert.ThrowsAsync<RecoveryException>(_machine.StartAsync);
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
        Assert.Contains($"web (", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"has {address}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("mctl vm detach-address", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Problems_of_the_host_and_pools_that_do_not_fit_refuse_the_start()
    {
        _machine.Network.ExternalSurvey = ExternalSurvey.Nothing with
        {
            Problems = [new ExternalProblem("external.ipv6", "2001:db8:1250::/64 overlaps eth1")],
        };
        var overlap = await Assert.ThrowsAsync<RecoveryException>(_machine.StartAsync);
        Assert.Equal("external.ipv6: 2001:db8:1250::/64 overlaps eth1", overlap.Message);
        _machine.Network.ExternalSurvey = ExternalSurvey.Nothing;

        var controller = await _machine.StartAsync();
        var pool = new PoolRequest("big", [new RangeRequest("10.64.0.0/16")]);
        Assert.IsType<PoolOutcome.Done>(await controller.PoolNetworks.CreateAsync(pool, Cancelled));
        await controller.CrashBetweenFilesAsync();
        _machine.External = Configured("2001:db8:1250::/112", "203.0.113.32/29");
        var small = await Assert.ThrowsAsync<RecoveryException>(_machine.StartAsync);
        Assert.Contains("external.ipv6: 2001:db8:1250::/112 is too small", small.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_that_the_prefix_is_too_small_for_is_refused()
    {
        _machine.External = Configured("2001:db8:1250::/112", "203.0.113.32/29");
        var controller = await _machine.StartAsync();
        var refused = Assert.IsType<PoolOutcome.Invalid>(
            await controller.PoolNetworks.CreateAsync(
                new PoolRequest("big", [new RangeRequest("10.64.0.0/16")]),
                Cancelled
            )
        );
        Assert.Contains("is too small", Assert.Single(refused.Errors["ranges[0].cidr"]), StringComparison.Ordinal);
        var overlap = Assert.IsType<PoolOutcome.Invalid>(
            await controller.PoolNetworks.CreateAsync(
                new PoolRequest("public", [new RangeRequest("203.0.113.0/24")], Network: "bridge"),
                Cancelled
            )
        );
        Assert.Contains("external.ipv4", Assert.Single(overlap.Errors["ranges[0].cidr"]), StringComparison.Ordinal);
    }

    private static ExternalSettings Configured(string ipv6, string ipv4) =>
        ExternalSettings.None with
        {
            Networks = new ExternalNetworks(Ipv6Network.Parse(ipv6), Wish: null, [Ipv4Network.Parse(ipv4)]),
        };

    private void KnowHost()
    {
        _machine.Network.ExternalSurvey = ExternalSurvey.Nothing with
        {
            HostIpv4 = [Ipv4Address.Parse("198.51.100.1")],
        };
        _machine.Network.Listeners.AddRange([
            new HostListener(EgressProtocol.Tcp, null, 22),
            new HostListener(EgressProtocol.Tcp, Ipv4Address.Parse("198.51.100.1"), 53),
        ]);
    }

    private static async Task<ExternalOutcome.Done> DoneAsync(Task<ExternalOutcome> change) =>
        Assert.IsType<ExternalOutcome.Done>(await change);

    private async Task RefusesAsync(Controller controller, Task<ExternalOutcome> change, string field, string why)
    {
        var before = (_machine.Store.Commits.Count, controller.External.Leases.Count);
        switch (await change)
        {
            case ExternalOutcome.Invalid invalid:
                Assert.Contains(why, Assert.Single(invalid.Errors[field]), StringComparison.Ordinal);
                break;
            case ExternalOutcome.Refused { Reason: ExternalRefusal.PortInUse port }:
                Assert.Equal(field, port.Field);
                Assert.Contains(why, port.Words, StringComparison.Ordinal);
                break;
            case var other:
                Assert.Fail($"{other}");
                break;
        }
        Assert.Equal(before, (_machine.Store.Commits.Count, controller.External.Leases.Count));
    }
}
