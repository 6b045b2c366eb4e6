using MasterController.Core.Addressing;
using MasterController.Core.Images;
using MasterController.Core.Vms;

namespace MasterController.LinuxTests.Vms;

public sealed class VmRefusalTests : IAsyncDisposable
{
    private readonly Machine _machine = new();

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task A_name_is_taken_until_its_VM_is_gone()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Name: "web"));

        var taken = Assert.IsType<VmOutcome.NameTaken>(await CreateAsync(controller, new VmRequest(Name: "web")));
        Assert.Equal(("web", vm.Id), (taken.Name, taken.VmId));

        await controller.Vms.DeleteAsync("web");
        await controller.GoneAsync(vm.Id);
        await controller.RunVmAsync(new VmRequest(Name: "web"));
    }

    [Fact]
    public async Task No_more_VMs_than_the_limit_exist_even_when_they_are_asked_for_at_once()
    {
        _machine.Settings = _machine.Settings with { Limits = new VmLimits(MaxVms: 3) };
        var controller = await _machine.StartAsync();

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => CreateAsync(controller, new VmRequest())))
        );

        Assert.Equal(3, outcomes.OfType<VmOutcome.Accepted>().Count());
        Assert.All(outcomes.OfType<VmOutcome.LimitReached>(), l => Assert.Equal(("vms", 3L), (l.Limit, l.Value)));
        await controller.AssertConsistentAsync();
        Assert.Equal(3, controller.Vms.All.Count);
    }

    [Fact]
    public async Task Memory_is_free_while_a_VM_is_stopped_and_may_be_gone_when_it_starts()
    {
        _machine.Settings = _machine.Settings with { Limits = new VmLimits(MaxMemoryMib: 600) };
        var controller = await _machine.StartAsync();
        var first = await controller.RunVmAsync(new VmRequest(MemoryMib: 400));
        var refusal = Assert.IsType<VmOutcome.LimitReached>(
            await CreateAsync(controller, new VmRequest(MemoryMib: 300))
        );
        Assert.Equal(("memory", 600L), (refusal.Limit, refusal.Value));
        Assert.Equal("300 MiB wanted, 400 MiB in use and vm.max_memory_mib is 600", refusal.Detail);

        await controller.Vms.StopAsync(first.Id, TimeSpan.Zero);
        await controller.StatusAsync(first.Id, VmStatus.Stopped);
        var second = await controller.RunVmAsync(new VmRequest(MemoryMib: 300));
        Assert.IsType<VmOutcome.LimitReached>(await controller.Vms.StartAsync(first.Id));
        Assert.Equal(VmStatus.Stopped, controller.Vms.Find(first.Id)!.Status);

        await controller.Vms.DeleteAsync(second.Id);
        await controller.GoneAsync(second.Id);
        Assert.IsType<VmOutcome.Accepted>(await controller.Vms.StartAsync(first.Id));
        await controller.StatusAsync(first.Id, VmStatus.Running);
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task An_image_has_to_be_there_and_one_that_is_being_built_is_named_with_its_operation()
    {
        var controller = await _machine.StartAsync();

        Assert.Equal(
            "other",
            Assert.IsType<VmOutcome.ImageMissing>(await CreateAsync(controller, new VmRequest(Image: "other"))).Image
        );
        var build = controller.Operations.Begin(GoldenImage.OperationKind, "other", "fetch");
        Assert.Equal(
            build.Id,
            Assert
                .IsType<VmOutcome.ImageBuilding>(await CreateAsync(controller, new VmRequest(Image: "other")))
                .Operation.Id
        );
        controller.Operations.Abandon(build);

        _machine.PlaceImage("other-1.5");
        await controller.RunVmAsync(new VmRequest(Image: "other-1.5"));
    }

    [Fact]
    public async Task A_VM_whose_image_has_gone_does_not_start()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        await controller.Vms.StopAsync(vm.Id, TimeSpan.Zero);
        var stopped = await controller.StatusAsync(vm.Id, VmStatus.Stopped);
        Directory.Delete(Path.Combine(_machine.Images, "golden"), recursive: true);

        Assert.IsType<VmOutcome.ImageMissing>(await controller.Vms.StartAsync(vm.Id));
        Assert.Equal(stopped, controller.Vms.Find(vm.Id));
    }

    [Fact]
    public async Task Network_mode_none_starts_no_VMs()
    {
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync();
        _machine.Network.CanAttach = false;

        Assert.IsType<VmOutcome.NetworkModeNone>(await CreateAsync(controller, new VmRequest()));
        Assert.IsType<VmOutcome.NetworkModeNone>(await controller.Vms.RestartAsync(vm.Id, null));
        await controller.Vms.StopAsync(vm.Id, TimeSpan.Zero);
        await controller.StatusAsync(vm.Id, VmStatus.Stopped);
        Assert.IsType<VmOutcome.NetworkModeNone>(await controller.Vms.StartAsync(vm.Id));
    }

    [Fact]
    public async Task A_refused_address_leaves_the_name_and_the_memory_free()
    {
        _machine.Settings = _machine.Settings with { Limits = new VmLimits(MaxMemoryMib: 512) };
        var controller = await _machine.StartAsync();
        var vm = await controller.RunVmAsync(new VmRequest(Address: "10.9.0.7"));
        Assert.Equal("10.9.0.7", vm.Address.ToString());

        var request = new VmRequest(Name: "second", Address: "10.9.0.7");
        var inUse = Assert.IsType<VmOutcome.NoAddress>(await CreateAsync(controller, request));
        Assert.Equal(vm.Id, Assert.IsType<LeaseOutcome.AddressInUse>(inUse.Reason).Owner);
        var noPool = Assert.IsType<VmOutcome.NoAddress>(
            await CreateAsync(controller, new VmRequest(Name: "second", Pool: "none"))
        );
        Assert.IsType<LeaseOutcome.NoSuchPool>(noPool.Reason);

        await controller.RunVmAsync(request with { Address = null });
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task Bad_fields_are_all_named_and_nothing_happens()
    {
        var controller = await _machine.StartAsync();

        var invalid = Assert.IsType<VmOutcome.Invalid>(
            await CreateAsync(controller, new VmRequest(Name: "-", Vcpus: 0, Restart: "always"))
        );

        Assert.Equal(["name", "restart", "vcpus"], invalid.Errors.Keys.Order());
        Assert.Empty(controller.Operations.List());
        await controller.AssertConsistentAsync();
    }

    [Fact]
    public async Task The_same_key_makes_one_VM_also_across_a_crash()
    {
        var controller = await _machine.StartAsync();

        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(_ => Task.Run(() => controller.Vms.CreateAsync(new VmRequest(), "key", "hash")))
        );
        var made = Assert.Single(outcomes.OfType<VmOutcome.Accepted>()).Vm;
        Assert.All(outcomes.OfType<VmOutcome.AlreadyCreated>(), already => Assert.Equal(made.Id, already.Vm.Id));
        await controller.CrashBetweenFilesAsync();

        var next = await _machine.StartAsync();
        Assert.Equal(
            made.Id,
            Assert.IsType<VmOutcome.AlreadyCreated>(await next.Vms.CreateAsync(new VmRequest(), "key", "hash")).Vm.Id
        );
        Assert.IsType<VmOutcome.IdempotencyConflict>(await next.Vms.CreateAsync(new VmRequest(), "key", "other"));
        Assert.Single(next.Vms.All);
    }

    private static Task<VmOutcome> CreateAsync(Controller controller, VmRequest request) =>
        controller.Vms.CreateAsync(request, idempotencyKey: null, requestHash: null);
}
