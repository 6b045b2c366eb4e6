using MasterController.Core.Store;
using MasterController.Core.Vms;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Vms;

public sealed class IdempotencyKeysTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly IdempotencyKeys _keys;
    private readonly Dictionary<string, VmRecord> _vms = [];
    private int _made;

    public IdempotencyKeysTests() => _keys = new IdempotencyKeys(_clock);

    [Fact]
    public async Task The_same_key_at_once_makes_one_VM()
    {
        var gate = new TaskCompletionSource();
        var creates = Enumerable.Range(0, 16).Select(_ => CreateAsync("k", "h", gate.Task)).ToArray();

        gate.SetResult();
        var outcomes = await Task.WhenAll(creates);

        Assert.Single(outcomes.OfType<VmOutcome.Accepted>());
        Assert.Equal(15, outcomes.OfType<VmOutcome.AlreadyCreated>().Count());
        Assert.Equal(1, _made);
    }

    [Fact]
    public async Task Another_body_and_a_deleted_VM_are_conflicts()
    {
        await CreateAsync("k", "h");

        Assert.Contains("vm-1", Assert.IsType<VmOutcome.IdempotencyConflict>(await CreateAsync("k", "other")).Detail);
        _vms.Clear();
        Assert.Contains("deleted", Assert.IsType<VmOutcome.IdempotencyConflict>(await CreateAsync("k", "h")).Detail);
        Assert.IsType<VmOutcome.Accepted>(await CreateAsync("k2", "h"));
    }

    [Fact]
    public async Task A_create_that_was_refused_or_failed_leaves_its_key_free()
    {
        await _keys.OnceAsync("k", "h", Find, _ => Task.FromResult<VmOutcome>(new VmOutcome.NetworkModeNone()));
        await Assert.ThrowsAsync<StoreException>(() =>
            _keys.OnceAsync("k", "h", Find, _ => Task.FromException<VmOutcome>(new StoreException("full")))
        );

        Assert.IsType<VmOutcome.Accepted>(await CreateAsync("k", "other"));
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_day_whether_others_came_or_not()
    {
        await CreateAsync("k", "h");
        _clock.Advance(IdempotencyKeys.Retention);
        Assert.IsType<VmOutcome.AlreadyCreated>(await CreateAsync("k", "h"));
        Assert.Empty(_keys.Expire());

        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.IsType<VmOutcome.Accepted>(await CreateAsync("k", "h"));
        Assert.Equal(2, _made);
        Assert.IsType<VmOutcome.AlreadyCreated>(await CreateAsync("k", "h"));
    }

    [Fact]
    public void Keys_of_the_store_are_known_and_expire_oldest_first()
    {
        var old = new IdempotencyKey("old", "h", "vm-1", _clock.GetUtcNow());
        var young = old with { Key = "young", CreatedAt = _clock.GetUtcNow().AddHours(1) };
        _keys.Load(StoreSnapshot.Empty with { IdempotencyKeys = [young, old] });

        _clock.Advance(IdempotencyKeys.Retention + TimeSpan.FromMinutes(1));

        Assert.Equal([new StoreChange.IdempotencyKeyDeleted("old")], _keys.Expire());
        Assert.Empty(_keys.Expire());
    }

    private Task<VmOutcome> CreateAsync(string key, string hash, Task? gate = null) =>
        _keys.OnceAsync(
            key,
            hash,
            Find,
            async keyOf =>
            {
                await (gate ?? Task.CompletedTask);
                _keys.Expire();
                var vm = TestVms.Record($"vm-{Interlocked.Increment(ref _made)}");
                _vms[vm.Id] = vm;
                keyOf(vm.Id);
                return new VmOutcome.Accepted(vm);
            }
        );

    private VmRecord? Find(string id) => _vms.GetValueOrDefault(id);
}
