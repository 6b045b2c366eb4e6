using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using MasterController.Tests.Vms;
using Xunit;

namespace MasterController.Tests.Store;

public sealed class ExternalRowsTests : IAsyncDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);
    private static readonly IpAddress _public = IpAddress.Parse("203.0.113.33");

    private static readonly ExternalAccess _access = new(
        Ipv6Address.Parse("2001:db8:1250::100:2"),
        Ipv4Address.Parse("203.0.113.33"),
        [
            new Opening(EgressProtocol.Any, null, SourceNetworks.Everybody),
            new Opening(
                EgressProtocol.Tcp,
                new PortRange(80, 90),
                new SourceNetworks([Ipv4Network.Parse("10.0.0.0/8")], [Ipv6Network.Parse("2001:db8::/32")])
            ),
        ],
        [
            new PortForward("fwd_1", null, EgressProtocol.Tcp, new PortRange(8000, 8010), 80, SourceNetworks.Everybody),
            new PortForward(
                "fwd_2",
                Ipv4Address.Parse("198.51.100.1"),
                EgressProtocol.Udp,
                new PortRange(53, 53),
                53,
                new SourceNetworks([Ipv4Network.Parse("10.0.0.0/8")], [])
            ),
        ]
    );

    private readonly StateFile _file = new();
    private readonly SqliteStateStore _store;

    public ExternalRowsTests() => _store = SqliteStateStore.Open(_file.Path);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _file.Dispose();
    }

    [Fact]
    public async Task A_record_has_all_that_its_VM_is_reached_by()
    {
        var vm = TestVms.Record("vm-a") with { External = _access };
        await _store.CommitAsync(new StoreChange.VmSaved(vm), new StoreChange.VmSaved(TestVms.Record("vm-b")));
        var loaded = (await _store.LoadAsync(Cancelled)).Vms.OrderBy(v => v.Id).ToArray();
        Assert.Equal(_access, loaded[0].External);
        Assert.Null(loaded[1].External);
    }

    [Fact]
    public async Task Leases_are_held_then_cool_then_are_forgotten()
    {
        var lease = new ExternalLease(_public, "vm-a", _now);
        await _store.CommitAsync(new StoreChange.ExternalLeaseSaved(lease));
        Assert.Equal([lease], (await _store.LoadAsync(Cancelled)).ExternalLeases);
        await _store.CommitAsync(new StoreChange.ExternalLeasesForgotten([_public]));
        Assert.Equal([lease], (await _store.LoadAsync(Cancelled)).ExternalLeases);

        var released = lease with { ReleasedAt = _now.AddSeconds(5) };
        await _store.CommitAsync(new StoreChange.ExternalLeaseReleased(released));
        Assert.Equal([released], (await _store.LoadAsync(Cancelled)).ExternalLeases);
        await _store.CommitAsync(new StoreChange.ExternalLeasesForgotten([_public]));
        Assert.Empty((await _store.LoadAsync(Cancelled)).ExternalLeases);
    }

    [Fact]
    public async Task No_address_is_taken_from_a_VM_but_by_a_move_from_just_that_one()
    {
        var (a, b) = (new ExternalLease(_public, "vm-a", _now), new ExternalLease(_public, "vm-b", _now));
        await _store.CommitAsync(new StoreChange.ExternalLeaseSaved(a));
        var vm = new StoreChange.VmSaved(TestVms.Record("vm-b"));
        await Assert.ThrowsAsync<StoreException>(() => _store.CommitAsync(vm, new StoreChange.ExternalLeaseSaved(b)));
        await Assert.ThrowsAsync<StoreException>(() =>
            _store.CommitAsync(vm, new StoreChange.ExternalLeaseSaved(b, "vm-c"))
        );
        await Assert.ThrowsAsync<StoreException>(() =>
            _store.CommitAsync(vm, new StoreChange.ExternalLeaseReleased(b with { ReleasedAt = _now }))
        );
        var snapshot = await _store.LoadAsync(Cancelled);
        Assert.Equal([a], snapshot.ExternalLeases);
        Assert.Empty(snapshot.Vms);
        await _store.CommitAsync(vm, new StoreChange.ExternalLeaseSaved(b, "vm-a"));
        Assert.Equal([b], (await _store.LoadAsync(Cancelled)).ExternalLeases);
    }

    [Fact]
    public async Task Changes_are_found_by_VM_by_address_and_by_both_and_forgotten_by_their_time()
    {
        var with4 = ExternalAccess.None with { PublicIpv4 = _public.Ipv4 };
        var given = Change("ext-1", 0, ("vm-a", ExternalAccess.None, with4));
        var opened = Change("ext-2", 10, ("vm-a", with4, _access with { Ipv6 = null }));
        var moved = Change("ext-3", 20, ("vm-a", with4, ExternalAccess.None), ("vm-b", ExternalAccess.None, with4));
        foreach (var change in new[] { given, opened, moved })
            await _store.CommitAsync(new StoreChange.ExternalChangeSaved(change));

        Assert.Equal(["ext-3", "ext-2", "ext-1"], await IdsAsync(null, null));
        Assert.Equal(["ext-3", "ext-2", "ext-1"], await IdsAsync("vm-a", null));
        Assert.Equal(["ext-3"], await IdsAsync("vm-b", null));
        Assert.Equal(["ext-3", "ext-1"], await IdsAsync(null, _public));
        Assert.Equal(["ext-3"], await IdsAsync("vm-b", _public));
        var page = await _store.History.ReadExternalChangesAsync(null, null, 1, Cancelled);
        Assert.Equal((1, 3), (page.Items.Count, page.Total));
        var read = await _store.History.ReadExternalChangeAsync("ext-2", Cancelled);
        Assert.Equal(opened with { Vms = [] }, read! with { Vms = [] });
        Assert.Equal(opened.Vms, read.Vms);
        Assert.Null(await _store.History.ReadExternalChangeAsync("ext-9", Cancelled));

        await _store.CommitAsync(new StoreChange.ExternalChangesForgotten(_now.AddSeconds(15)));
        Assert.Equal(["ext-3"], await IdsAsync("vm-a", null));
        Assert.Null(await _store.History.ReadExternalChangeAsync("ext-1", Cancelled));
    }

    private async Task<string[]> IdsAsync(string? vm, IpAddress? address) =>
        [.. (await _store.History.ReadExternalChangesAsync(vm, address, 10, Cancelled)).Items.Select(c => c.Id)];

    private static ExternalChange Change(
        string id,
        int seconds,
        params (string Vm, ExternalAccess Before, ExternalAccess After)[] vms
    ) =>
        new(
            id,
            _now.AddSeconds(seconds),
            ExternalAction.AttachAddress,
            $"change {id}",
            [
                .. vms.Select(v => new ExternalVmChange(
                    v.Vm,
                    v.Vm,
                    Ipv4Address.Parse("192.168.100.2"),
                    v.Before,
                    v.After
                )),
            ]
        );
}
