using CsCheck;
using MasterController.Core.AddressHistory;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.HostNetwork;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using MasterController.Tests.Addressing;
using MasterController.Tests.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.AddressHistory;

/// <summary>Random lives of a pool, and whether the past is told afterwards as it was when it was the present.</summary>
public sealed class AddressHistoryModelTests
{
    private static readonly Gen<(int Kind, int Owner, int Address)[]> _steps = Gen.Select(
        Gen.Int[0, 10],
        Gen.Int[0, 7],
        Gen.Int[0, 31]
    ).Array[1, 60];

    [Fact]
    public async Task The_past_is_told_as_it_was_by_the_store_in_memory() =>
        await _steps.SampleAsync(
            async steps =>
            {
                await using var store = new InMemoryStateStore();
                await LiveAsync(store, store, steps);
            },
            iter: 200
        );

    [Fact]
    public async Task The_past_is_told_as_it_was_by_sqlite() =>
        await _steps.SampleAsync(
            async steps =>
            {
                using var file = new StateFile();
                await using var store = SqliteStateStore.Open(file.Path);
                await LiveAsync(store, store.History, steps);
            },
            iter: 10
        );

    private static async Task LiveAsync(
        IStateStore store,
        IStateHistory history,
        (int Kind, int Owner, int Address)[] steps
    )
    {
        var clock = new FakeTimeProvider();
        using var pools = new PoolDirectory(store, new EventHub(clock), clock);
        pools.Load(StoreSnapshot.Empty);
        var model = new AddressHistoryModel(pools, clock);
        List<(DateTimeOffset Time, string[] Told)> moments = [(clock.GetUtcNow(), model.Tell())];
        foreach (var (kind, owner, address) in steps)
        {
            clock.Advance(TimeSpan.FromSeconds(1 + (address % 4)));
            await model.StepAsync(kind, $"owner-{owner}", AddressHistoryModel.Addresses[address]);
            moments.Add((clock.GetUtcNow(), model.Tell()));
        }

        var explainer = new AddressExplainer(
            pools,
            history,
            new NoHostNetwork(),
            _ => null,
            () => new HistorySettings(TimeSpan.FromDays(1)),
            clock
        );
        for (var i = 0; i < AddressHistoryModel.Addresses.Length; i++)
        {
            var address = AddressHistoryModel.Addresses[i];
            foreach (var (time, told) in moments)
            {
                var past = await explainer.PastAsync(address, time, limit: 1000, TestContext.Current.CancellationToken);
                Assert.Equal(told[i], $"{past.Then!.State} {past.Then.Owner}");
                Assert.All(past.Entries, e => Assert.True(e.Time <= time));
            }
            var now = await explainer.ExplainAsync(address, TestContext.Current.CancellationToken);
            Assert.Equal(moments[^1].Told[i], $"{now.State} {now.Owner}");
        }
    }
}
