using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Tests.Store;
using Xunit;

namespace MasterController.Tests.Vms;

public sealed class VmRegistryTests
{
    private readonly InMemoryStateStore _store = new();
    private readonly VmRegistry _registry;

    public VmRegistryTests() => _registry = new VmRegistry(_store);

    [Fact]
    public void Of_racing_creates_as_many_get_through_as_the_limits_allow()
    {
        var limits = new VmLimits(MaxVms: 10, MaxMemoryMib: 7 * 256);
        var refusals = new VmOutcome?[64];

        Parallel.For(0, 64, i => refusals[i] = _registry.TryReserve(TestVms.Spec($"vm-{i}"), limits));

        Assert.Equal(7, refusals.Count(r => r is null));
        Assert.All(refusals.OfType<VmOutcome.LimitReached>(), r => Assert.Equal("memory", r.Limit));
    }

    [Fact]
    public void Of_racing_creates_one_gets_the_name()
    {
        var refusals = new VmOutcome?[32];

        Parallel.For(0, 32, i => refusals[i] = _registry.TryReserve(TestVms.Spec($"vm-{i}", "web"), new VmLimits()));

        Assert.Single(refusals, r => r is null);
        Assert.Equal(31, refusals.OfType<VmOutcome.NameTaken>().Count());
    }

    [Fact]
    public void What_was_reserved_for_nothing_is_free_again()
    {
        var limits = new VmLimits(MaxVms: 1, MaxMemoryMib: 256);
        var spec = TestVms.Spec("vm-1", "web");
        Assert.Null(_registry.TryReserve(spec, limits));
        Assert.Null(_registry.Find("web"));

        _registry.Unreserve(spec);

        Assert.Null(_registry.TryReserve(TestVms.Spec("vm-2", "web"), limits));
    }

    [Fact]
    public async Task Memory_goes_with_the_status_and_comes_back_when_the_store_refuses()
    {
        var limits = new VmLimits(MaxMemoryMib: 300);
        _registry.TryReserve(TestVms.Spec("vm-1"), limits);
        var entry = _registry.Add(TestVms.Record("vm-1"));
        _store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() => ToAsync(entry, VmStatus.Stopped));
        Assert.Equal(VmStatus.Running, entry.Record.Status);
        Assert.NotNull(_registry.TryReserve(TestVms.Spec("vm-2"), limits));

        _store.Refuses = _ => false;
        await ToAsync(entry, VmStatus.Stopped);
        Assert.Null(_registry.TryReserve(TestVms.Spec("vm-2"), limits));
        Assert.NotNull(_registry.TryTakeMemory(entry.Record, limits));

        _registry.Unreserve(TestVms.Spec("vm-2"));
        _store.Refuses = _ => true;
        await Assert.ThrowsAsync<StoreException>(() =>
            _registry.UpdateAsync(
                entry,
                v => _registry.TryTakeMemory(v, limits) is null ? v with { Status = VmStatus.Starting } : null
            )
        );
        Assert.Null(_registry.TryReserve(TestVms.Spec("vm-2"), limits));
    }

    [Fact]
    public async Task A_refused_change_and_a_removed_VM_change_nothing()
    {
        var entry = _registry.Add(TestVms.Record("vm-1", "web"));

        Assert.False((await _registry.UpdateAsync(entry, _ => null)).Changed);
        _registry.Remove(entry);

        Assert.False((await ToAsync(entry, VmStatus.Stopped)).Changed);
        Assert.Null(_registry.Find("vm-1"));
        Assert.Null(_registry.Find("web"));
        Assert.True(entry.Look().Deleted);
        Assert.Empty(_store.Commits);
    }

    [Fact]
    public void Pages_hold_together_while_VMs_come_and_go()
    {
        var entries = Enumerable.Range(0, 10).Select(i => _registry.Add(TestVms.Record($"vm-{9 - i}", minute: i / 2)));
        var inOrder = entries.ToArray().OrderBy(e => e.Record.CreatedAt).ThenBy(e => e.Record.Id).ToArray();

        var first = _registry.List(new VmFilter(), limit: 4, cursor: null);
        _registry.Remove(inOrder[3]);
        _registry.Add(TestVms.Record("vm-new", minute: 60));
        var second = _registry.List(new VmFilter(), limit: 4, first.Next);
        var third = _registry.List(new VmFilter(), limit: 4, second.Next);

        Assert.Equal(inOrder.Select(e => e.Record.Id).Append("vm-new"), Ids(first, second, third));
        Assert.Equal(10, second.Total);
        Assert.Null(third.Next);

        static IEnumerable<string> Ids(params VmPage[] pages) => pages.SelectMany(p => p.Items).Select(v => v.Id);
    }

    [Fact]
    public void A_filter_must_be_met_in_all_it_says()
    {
        _registry.Add(TestVms.Record("vm-1", "web"));
        _registry.Add(TestVms.Record("vm-2", status: VmStatus.Stopped, minute: 1));
        var all = new VmFilter(VmStatus.Running, "cli", "ann", "default", "web", Labels("role", "web"));

        Assert.Equal("vm-1", Assert.Single(_registry.List(all, 10, null).Items).Id);
        VmFilter[] none =
        [
            all with
            {
                Status = VmStatus.Stopped,
            },
            all with
            {
                Type = "browser",
            },
            all with
            {
                Owner = "bob",
            },
            all with
            {
                Pool = "p",
            },
            all with
            {
                Name = "vm-2",
            },
            all with
            {
                Labels = Labels("role", "db"),
            },
            all with
            {
                Labels = Labels("tier", "web"),
            },
        ];
        Assert.All(none, filter => Assert.Equal(0, _registry.List(filter, 10, null).Total));
        Assert.Equal(2, _registry.List(new VmFilter(), 1, null).Total);
    }

    private Task<(VmRecord Record, bool Changed)> ToAsync(VmEntry entry, VmStatus status) =>
        _registry.UpdateAsync(entry, v => v with { Status = status });

    private static Dictionary<string, string> Labels(string key, string value) => new() { [key] = value };
}
