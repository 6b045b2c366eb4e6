using MasterController.Core.Access;
using MasterController.Core.Store;
using Xunit;

namespace MasterController.Tests.Store;

public sealed class AccessRowsTests : IDisposable
{
    private static readonly ApiKey Key = new(
        "k-0123456789ab",
        "ci",
        "operator",
        "ann",
        Pool: null,
        new string('a', 64),
        DateTimeOffset.UnixEpoch,
        "uid:0 (root)",
        DateTimeOffset.UnixEpoch.AddDays(1)
    );

    private readonly StateFile _file = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Keys_and_the_last_entry_are_there_at_the_next_start()
    {
        await using (var store = SqliteStateStore.Open(_file.Path))
        {
            await store.CommitAsync(
                new StoreChange.ApiKeySaved(Key),
                new StoreChange.ApiKeySaved(Key with { Id = "k-2" })
            );
            await store.CommitAsync(new StoreChange.ApiKeyDeleted("k-2"), new StoreChange.AuditSaved(Entry(7)));
        }
        await using var again = SqliteStateStore.Open(_file.Path);
        var snapshot = await again.LoadAsync(Cancelled);
        Assert.Equal(Key, Assert.Single(snapshot.ApiKeys));
        Assert.Equal(7, snapshot.LastAuditId);
    }

    [Fact]
    public async Task What_came_of_a_change_is_added_and_who_asked_stays()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        var asked = Entry(1) with { Subject = null, Status = null, Request = "{}" };
        await store.CommitAsync(new StoreChange.AuditSaved(asked));
        Assert.Equal(asked, Assert.Single(await store.History.ReadAuditAsync(new AuditFilter(), Cancelled)));
        var ended = asked with
        {
            Actor = "somebody else",
            Subject = "vm-1",
            Status = 503,
            Error = "e",
            OperationId = "op-1",
            Before = "1",
            After = "2",
        };
        await store.CommitAsync(new StoreChange.AuditSaved(ended));
        Assert.Equal(
            ended with
            {
                Actor = asked.Actor,
            },
            Assert.Single(await store.History.ReadAuditAsync(new AuditFilter(), Cancelled))
        );
    }

    [Fact]
    public async Task The_file_finds_what_the_filter_matches()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        AuditEntry[] all =
        [
            .. Enumerable
                .Range(1, 24)
                .Select(i =>
                    Entry(i) with
                    {
                        Actor = i % 2 == 0 ? "a" : "b",
                        Action = $"act-{i % 3}",
                        Subject = i % 4 == 0 ? null : $"s-{i % 4}",
                        Status = i % 5 == 0 ? null : 200 + 100 * (i % 4),
                    }
                ),
        ];
        foreach (var entry in all)
            await store.CommitAsync(new StoreChange.AuditSaved(entry));
        AuditFilter[] filters =
        [
            new(),
            new(Actor: "a"),
            new(Action: "act-1", Subject: "s-2"),
            new(From: all[3].Time, To: all[9].Time),
            new(Refused: true),
            new(Refused: false, Actor: "b"),
            new(BeforeId: 10, Most: 3),
            new("a", "act-0", "s-2", all[0].Time, all[^1].Time, Refused: true, BeforeId: 24, Most: 2),
        ];
        foreach (var filter in filters)
            Assert.Equal(
                all.Reverse().Where(filter.Matches).Take(filter.Most),
                await store.History.ReadAuditAsync(filter, Cancelled)
            );
        await store.CommitAsync(new StoreChange.AuditForgotten(all[9].Time));
        Assert.Equal(15, (await store.History.ReadAuditAsync(new AuditFilter(), Cancelled)).Count);
    }

    [Fact]
    public async Task What_nobody_waits_for_is_stored_before_what_somebody_does_and_by_itself()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        var later = ((IStateStore)store).CommitLaterAsync(new StoreChange.AuditSaved(Entry(1)));
        await store.CommitAsync(new StoreChange.SettingSaved("a", "b"));
        Assert.True(later.IsCompletedSuccessfully || (await Task.WhenAny(later, Task.Delay(5000, Cancelled))) == later);
        await ((IStateStore)store)
            .CommitLaterAsync(new StoreChange.AuditSaved(Entry(2)))
            .WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        Assert.Equal(2, (await store.History.ReadAuditAsync(new AuditFilter(), Cancelled)).Count);
    }

    [Fact]
    public async Task What_nobody_waits_for_is_stored_when_the_store_closes()
    {
        var store = SqliteStateStore.Open(_file.Path);
        var later = ((IStateStore)store).CommitLaterAsync(new StoreChange.AuditSaved(Entry(1)));
        await store.DisposeAsync();
        await later;
        await using var again = SqliteStateStore.Open(_file.Path);
        Assert.Equal(1, (await again.LoadAsync(Cancelled)).LastAuditId);
        await again.DisposeAsync();
        await Assert.ThrowsAsync<StoreException>(() =>
            ((IStateStore)again).CommitLaterAsync(new StoreChange.AuditSaved(Entry(2)))
        );
    }

    private static AuditEntry Entry(long id) =>
        new(
            id,
            DateTimeOffset.UnixEpoch.AddHours(id),
            "uid:0 (root)",
            "admin",
            "createVm",
            "vm-1",
            "POST",
            "/api/v1/vms",
            Status: 202
        );
}
