using MasterController.Core.AddressHistory;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.Tests.Addressing;
using MasterController.Tests.Vms;
using Xunit;

namespace MasterController.Tests.AddressHistory;

public sealed class AddressExplainerTests : IAsyncLifetime
{
    private const string Leased = "192.0.2.2";
    private static readonly TimeSpan _cooldown = TimeSpan.FromSeconds(30);

    private readonly PoolFixture _pool = PoolFixture.Empty();
    private readonly AddressExplainer _explainer;
    private VmRecord? _vm;
    private DateTimeOffset _created;

    public AddressExplainerTests() =>
        _explainer = new AddressExplainer(
            _pool.Directory,
            _pool.Store,
            new NoHostNetwork(),
            idOrName => _vm?.Id == idOrName || _vm?.Name == idOrName ? _vm : null,
            () => new HistorySettings(TimeSpan.FromDays(90)),
            _pool.Clock
        );

    private DateTimeOffset Now => _pool.Clock.GetUtcNow();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _created = Now;
        await _pool.CreateAsync(
            new PoolRequest(PoolFixture.Pool, [new RangeRequest("192.0.2.0/28")], Cooldown: _cooldown)
        );
        _pool.Clock.Advance(TimeSpan.FromHours(1));
    }

    public ValueTask DisposeAsync()
    {
        _pool.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_free_address_is_free_since_its_pool_has_it()
    {
        var free = await ExplainAsync(Leased);
        Assert.Equal((AddressState.Free, null, PoolFixture.Pool), (free.State, free.Reason, free.Pool));
        Assert.Equal("192.0.2.0/28", free.Range!.Network.ToString());
        Assert.Equal((_created, null, null), (free.Since, free.Owner, free.Until));
    }

    [Fact]
    public async Task A_leased_address_has_its_owner_its_vm_and_its_operation()
    {
        _vm = TestVms.Record("vm-0123456789ab") with { Name = "web-1" };
        var lease = await LeaseAsync(_vm.Id, "op-1");
        var leased = await ExplainAsync(Leased);
        Assert.Equal((AddressState.Leased, $"it is leased to \"{_vm.Id}\""), (leased.State, leased.Reason));
        Assert.Equal((_vm.Id, "web-1", "op-1"), (leased.Owner, leased.VmName, leased.OperationId));
        Assert.Equal((lease.Since, null), (leased.Since, leased.Until));
    }

    [Fact]
    public async Task An_owner_that_has_a_vms_name_is_no_vm()
    {
        _vm = TestVms.Record("vm-0123456789ab") with { Name = "web-1" };
        await LeaseAsync("web-1", operationId: null);
        Assert.Null((await ExplainAsync(Leased)).VmName);
    }

    [Fact]
    public async Task An_address_that_cools_names_its_last_owner_and_the_end()
    {
        await LeaseAsync("a", "op-1");
        _pool.Clock.Advance(TimeSpan.FromMinutes(1));
        var released = Now;
        await _pool.ReleaseAsync(Leased, "a");
        _pool.Clock.Advance(TimeSpan.FromSeconds(10));
        var cooling = await ExplainAsync(Leased);
        Assert.Equal((AddressState.Cooling, "a"), (cooling.State, cooling.Owner));
        Assert.Equal((released, released + _cooldown), (cooling.Since, cooling.Until));
        Assert.Equal($"it is kept from other owners until {released + _cooldown:O}", cooling.Reason);

        _pool.Clock.Advance(TimeSpan.FromSeconds(20));
        var free = await ExplainAsync(Leased);
        Assert.Equal((AddressState.Free, released + _cooldown, null), (free.State, free.Since, free.OperationId));
    }

    [Fact]
    public async Task A_leased_address_that_drains_says_both_and_an_empty_one_since_when()
    {
        await LeaseAsync("a", "op-1");
        _pool.Clock.Advance(TimeSpan.FromMinutes(1));
        var drained = Now;
        await _pool.RedefineAsync(p => p with { Drains = [PoolFixture.Drain(Leased, "192.0.2.9")] });
        Assert.Equal("it is leased to \"a\", and it is being drained", (await ExplainAsync(Leased)).Reason);
        var empty = await ExplainAsync("192.0.2.3");
        Assert.Equal((AddressState.Draining, "it is being drained"), (empty.State, empty.Reason));
        Assert.Equal((drained, "operation-1"), (empty.Since, empty.OperationId));

        await _pool.ReleaseAsync(Leased, "a");
        var released = await ExplainAsync(Leased);
        Assert.Equal((AddressState.Draining, null), (released.State, released.Owner));
    }

    [Fact]
    public async Task An_address_of_no_pool_has_neither_range_nor_time()
    {
        var outside = await ExplainAsync("203.0.113.1");
        Assert.Equal((AddressState.OutsidePools, null, null), (outside.State, outside.Pool, outside.Range));
        Assert.Equal((null, null), (outside.Since, outside.OperationId));
    }

    [Fact]
    public async Task What_is_not_durable_yet_is_waited_for()
    {
        var gate = _pool.Store.HoldBack();
        var leasing = _pool.TryLeaseAsync("a", Leased);
        var explaining = ExplainAsync(Leased);
        await Task.Delay(50, Cancelled);
        Assert.False(explaining.IsCompleted);
        gate.SetResult();
        await leasing;
        Assert.Equal("a", (await explaining).Owner);
    }

    [Fact]
    public async Task The_past_is_leases_and_changes_in_time_order()
    {
        await LeaseAsync("a", "op-1");
        _pool.Clock.Advance(TimeSpan.FromMinutes(1));
        await _pool.ReleaseAsync(Leased, "a");
        _pool.Clock.Advance(TimeSpan.FromMinutes(1));
        await _pool.RedefineAsync(p => p with { Ranges = [PoolFixture.Range("192.0.2.0/28", $"{Leased}/32")] });
        _pool.Clock.Advance(TimeSpan.FromMinutes(1));
        await _pool.RedefineAsync(p => p with { Ranges = [PoolFixture.Range("192.0.2.0/24", $"{Leased}/32")] });
        _pool.Clock.Advance(TimeSpan.FromMinutes(1));
        await _pool.RedefineAsync(p => p with { Ranges = [PoolFixture.Range("192.0.2.64/26")] });

        var past = await _explainer.PastAsync(Ipv4Address.Parse(Leased), at: null, limit: 10, Cancelled);
        Assert.Equal(
            ["1 Free", "a op-1", "2 Reserved", "4 OutsidePools"],
            past.Entries.Select(e =>
                e switch
                {
                    AddressEntry.Held(var p) => $"{p.Owner} {p.OperationId}",
                    AddressEntry.Became became => $"{became.Version.Definition.Version} {became.State}",
                    _ => "",
                }
            )
        );
        Assert.Equal((4, null), (past.Total, past.Then));
        Assert.Equal(Now - TimeSpan.FromDays(90), past.KnownSince);

        var newest = await _explainer.PastAsync(Ipv4Address.Parse(Leased), at: null, limit: 1, Cancelled);
        Assert.Equal(past.Entries[^1], Assert.Single(newest.Entries));
        Assert.Equal(4, newest.Total);

        var at = Now - TimeSpan.FromMinutes(4);
        var then = await _explainer.PastAsync(Ipv4Address.Parse(Leased), at, limit: 10, Cancelled);
        Assert.Equal(2, then.Entries.Count);
        Assert.Equal((AddressState.Leased, "a", "op-1"), (then.Then!.State, then.Then.Owner, then.Then.OperationId));
    }

    [Fact]
    public async Task What_was_leased_to_prove_a_change_did_not_cool_down()
    {
        var first = Ipv4Address.Parse(Leased);
        await _pool.Directory.TryOutAsync(PoolFixture.Pool, first, first, "op-9", Cancelled);
        var past = await _explainer.PastAsync(first, Now, limit: 10, Cancelled);
        Assert.Equal(AddressState.Free, past.Then!.State);
        Assert.Equal("op-9", Assert.IsType<AddressEntry.Held>(past.Entries[^1]).Period.OperationId);
    }

    private async Task<Lease> LeaseAsync(string owner, string? operationId)
    {
        var outcome = await _pool.Directory.LeaseAsync(
            PoolFixture.Pool,
            owner,
            Ipv4Address.Parse(Leased),
            alongside: null,
            Cancelled,
            operationId
        );
        return Assert.IsType<LeaseOutcome.Granted>(outcome).Lease;
    }

    private Task<AddressExplanation> ExplainAsync(string address) =>
        _explainer.ExplainAsync(Ipv4Address.Parse(address), Cancelled);
}
