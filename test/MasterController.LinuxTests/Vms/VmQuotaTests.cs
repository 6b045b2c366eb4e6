using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Quotas;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.LinuxTests.Vms;

/// <summary>What owners may have, over the lives of whole VMs.</summary>
public sealed class VmQuotaTests : IAsyncDisposable
{
    private readonly Machine _machine = new()
    {
        External = ExternalSettings.None with
        {
            Networks = new ExternalNetworks(
                Ipv6Network.Parse("2001:db8:1250::/64"),
                Wish: null,
                [Ipv4Network.Parse("203.0.113.32/29")]
            ),
        },
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task Of_racing_creates_no_more_get_through_than_the_owner_may_have()
    {
        _machine.Quota = new QuotaLimits(Vms: 3);
        var controller = await _machine.StartAsync();
        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => CreateAsync(controller, new VmRequest(Owner: "ci"))))
        );
        Assert.Equal(3, outcomes.OfType<VmOutcome.Accepted>().Count());
        Assert.All(
            outcomes.OfType<VmOutcome.QuotaExceeded>(),
            o => Assert.Equal("The owner \"ci\" may have 3 VMs (quota.max_vms) and has 3.", o.Reason.Words)
        );
        Assert.IsType<VmOutcome.Accepted>(await CreateAsync(controller, new VmRequest()));
        await controller.AssertConsistentAsync();

        // One that is deleted makes room, and a restart counts what there is.
        var gone = outcomes.OfType<VmOutcome.Accepted>().First().Vm.Id;
        await controller.Vms.DeleteAsync(gone);
        await controller.GoneAsync(gone);
        Assert.Equal(new QuotaUse(2, 2, 512, 2), controller.Quotas.Look("ci").Used);
        controller.Crash();
        controller = await _machine.StartAsync();
        Assert.Equal(new QuotaUse(2, 2, 512, 2), controller.Quotas.Look("ci").Used);
    }

    [Fact]
    public async Task A_stopped_VM_keeps_its_address_and_starts_within_the_limits_of_vCPUs_and_memory()
    {
        _machine.Quota = new QuotaLimits(MemoryMib: 600);
        var controller = await _machine.StartAsync();
        var first = await controller.RunVmAsync(new VmRequest(Owner: "ci", MemoryMib: 400));
        Assert.IsType<VmOutcome.QuotaExceeded>(
            await CreateAsync(controller, new VmRequest(Owner: "ci", MemoryMib: 300))
        );
        await controller.Vms.StopAsync(first.Id, TimeSpan.Zero);
        await controller.StatusAsync(first.Id, VmStatus.Stopped);
        var second = await controller.RunVmAsync(new VmRequest(Owner: "ci", MemoryMib: 300));
        var refused = Assert.IsType<VmOutcome.QuotaExceeded>(await controller.Vms.StartAsync(first.Id));
        Assert.Equal("quota.max_memory_mib", refused.Reason.Key);
        await controller.Vms.DeleteAsync(second.Id);
        await controller.GoneAsync(second.Id);
        Assert.IsType<VmOutcome.Accepted>(await controller.Vms.StartAsync(first.Id));
    }

    [Fact]
    public async Task Dedicated_addresses_are_counted_at_creates_attaches_and_moves()
    {
        _machine.Quota = new QuotaLimits(DedicatedAddresses: 1);
        var controller = await _machine.StartAsync();
        var a = await controller.RunVmAsync(new VmRequest(Name: "a", Owner: "ci", Ipv6: "auto"));
        Assert.IsType<VmOutcome.QuotaExceeded>(
            await CreateAsync(controller, new VmRequest(Name: "b", Owner: "ci", Ipv6: "auto"))
        );
        var b = await controller.RunVmAsync(new VmRequest(Name: "b", Owner: "ci"));
        var other = await controller.RunVmAsync(new VmRequest(Name: "c", Owner: "other"));

        Assert.IsType<ExternalOutcome.QuotaExceeded>(await AttachAsync(controller, b, null, isPlan: true));
        Assert.IsType<ExternalOutcome.QuotaExceeded>(await AttachAsync(controller, b, null));
        // Within an owner it may move, and to another one as long as that may have more.
        Assert.IsType<ExternalOutcome.Done>(await AttachAsync(controller, b, $"{a.External!.Ipv6}"));
        Assert.IsType<ExternalOutcome.Done>(await AttachAsync(controller, other, $"{a.External!.Ipv6}"));
        Assert.Equal(1, controller.Quotas.Look("other").Used.DedicatedAddresses);
        Assert.Equal(0, controller.Quotas.Look("ci").Used.DedicatedAddresses);
        Assert.IsType<ExternalOutcome.Done>(await AttachAsync(controller, b, null));
        Assert.IsType<ExternalOutcome.QuotaExceeded>(await AttachAsync(controller, b, $"{a.External!.Ipv6}"));

        // What the store refuses is not counted, nor is what a deleted VM had.
        await controller.Vms.DeleteAsync(b.Id);
        await controller.GoneAsync(b.Id);
        Assert.Equal(0, controller.Quotas.Look("ci").Used.DedicatedAddresses);
        Assert.IsType<ExternalOutcome.Done>(await AttachAsync(controller, a, null));
    }

    private static Task<VmOutcome> CreateAsync(Controller controller, VmRequest request) =>
        controller.Vms.CreateAsync(request, idempotencyKey: null, requestHash: null);

    private static Task<ExternalOutcome> AttachAsync(
        Controller controller,
        VmRecord vm,
        string? address,
        bool isPlan = false
    ) =>
        controller.ExternalChanges.AttachAddressAsync(
            vm.Id,
            address,
            kind: null,
            move: address is not null,
            isPlan,
            Cancelled
        );
}
