using System.Runtime.Versioning;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.Linux.Processes;
using Microsoft.Data.Sqlite;
using Xunit;

namespace MasterController.Tests.Store;

public sealed class SqliteStateStoreTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);

    private static readonly PoolDefinition _pool = new(
        "default",
        [
            new AddressRange(
                Ipv4Network.Parse("10.0.0.0/8"),
                Ipv4Address.Parse("10.0.0.2"),
                Ipv4Address.Parse("10.255.255.254"),
                Ipv4Address.Parse("10.0.0.1"),
                [Ipv4Network.Parse("10.9.0.0/16")]
            ),
            new AddressRange(
                Ipv4Network.Parse("192.0.2.7/32"),
                Ipv4Address.Parse("192.0.2.7"),
                Ipv4Address.Parse("192.0.2.7"),
                null,
                []
            ),
        ],
        TimeSpan.FromSeconds(30),
        AllocationStrategy.LowestFree,
        AllowVmToVm: true,
        Version: 3,
        AllowEarlyReuse: true,
        [
            new KeptGateway(
                Ipv4Address.Parse("10.4.0.1"),
                Ipv4Network.Parse("10.4.0.0/16"),
                new DateTimeOffset(2026, 3, 4, 5, 0, 0, TimeSpan.Zero)
            ),
        ],
        [new Drain(Ipv4Address.Parse("192.0.2.7"), Ipv4Address.Parse("192.0.2.7"), "op-0123456789ab")]
    );

    private readonly StateFile _file = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Everything_that_was_committed_is_read_after_reopening()
    {
        var lease = LeaseOf("10.0.0.2", "a");
        var released = LeaseOf("255.255.255.254", "ключ-😀");
        var operation = new Operation(
            "op-1",
            "vm.create",
            "vm-1",
            OperationStatus.RolledBack,
            [new OperationStep("lease", StepStatus.Undone)],
            0.5,
            "detail",
            "error",
            _now,
            _now.AddSeconds(1)
        );
        var key = new IdempotencyKey("key", "hash", "vm-1", _now);
        await using (var store = SqliteStateStore.Open(_file.Path))
        {
            await store.CommitAsync(
                new StoreChange.PoolSaved(_pool),
                new StoreChange.LeaseSaved(lease),
                new StoreChange.LeaseReleased(released, _now.AddSeconds(9)),
                new StoreChange.VmSaved(Vm("vm-1")),
                new StoreChange.OperationSaved(operation),
                new StoreChange.IdempotencyKeySaved(key),
                new StoreChange.PoolChangeSaved(Change("op-2", PoolChangePhase.Preparing)),
                new StoreChange.PoolChangeSaved(Change("op-2", PoolChangePhase.Undoing)),
                new StoreChange.PoolChangeSaved(Change("op-3", PoolChangePhase.Draining)),
                new StoreChange.PoolChangeDeleted("op-3"),
                new StoreChange.SettingSaved("kvm", "boots")
            );
        }
        await using var reopened = SqliteStateStore.Open(_file.Path);
        var snapshot = await reopened.LoadAsync(Cancelled);
        Assert.Equivalent(_pool, Assert.Single(snapshot.Pools), strict: true);
        Assert.Equal(lease, Assert.Single(snapshot.Leases));
        Assert.Equal(new ReleasedLease(released, _now.AddSeconds(9)), Assert.Single(snapshot.Released));
        Assert.Equivalent(Vm("vm-1"), Assert.Single(snapshot.Vms), strict: true);
        Assert.Equivalent(operation, Assert.Single(snapshot.Operations), strict: true);
        Assert.Equal(key, Assert.Single(snapshot.IdempotencyKeys));
        Assert.Equivalent(Change("op-2", PoolChangePhase.Undoing), Assert.Single(snapshot.PoolChanges), strict: true);
        Assert.Equal("boots", snapshot.Settings["kvm"]);
    }

    [Fact]
    public async Task Changes_may_be_repeated_and_deletes_remove()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        var lease = LeaseOf("10.0.0.2", "a");
        StoreChange[] saved =
        [
            new StoreChange.PoolSaved(_pool),
            new StoreChange.LeaseSaved(lease),
            new StoreChange.VmSaved(Vm("vm-1")),
            new StoreChange.IdempotencyKeySaved(new IdempotencyKey("key", "hash", "vm-1", _now)),
            new StoreChange.SettingSaved("a", "b"),
        ];
        await store.CommitAsync(saved);
        await store.CommitAsync(saved);
        await store.CommitAsync(new StoreChange.LeaseReleased(lease, _now), new StoreChange.LeaseReleased(lease, _now));
        await store.CommitAsync(
            new StoreChange.LeasesForgotten("default", [lease.Address]),
            new StoreChange.LeasesForgotten("default", [lease.Address]),
            new StoreChange.VmDeleted("vm-1"),
            new StoreChange.VmDeleted("vm-1"),
            new StoreChange.OperationDeleted("never"),
            new StoreChange.IdempotencyKeyDeleted("key")
        );
        var snapshot = await store.LoadAsync(Cancelled);
        Assert.Single(snapshot.Pools);
        Assert.Empty(snapshot.Leases);
        Assert.Empty(snapshot.Released);
        Assert.Empty(snapshot.Vms);
        Assert.Empty(snapshot.IdempotencyKeys);
    }

    [Fact]
    public async Task Forgetting_spares_an_address_that_is_leased_again()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        var lease = LeaseOf("10.0.0.2", "a");
        await store.CommitAsync(
            new StoreChange.PoolSaved(_pool),
            new StoreChange.LeaseSaved(lease),
            new StoreChange.LeasesForgotten("default", [lease.Address])
        );
        Assert.Equal(lease, Assert.Single((await store.LoadAsync(Cancelled)).Leases));
    }

    [Fact]
    public async Task A_pool_goes_with_its_leases()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        await store.CommitAsync(
            new StoreChange.PoolSaved(_pool),
            new StoreChange.LeaseReleased(LeaseOf("10.0.0.2", "a"), _now),
            new StoreChange.PoolDeleted("default")
        );
        var snapshot = await store.LoadAsync(Cancelled);
        Assert.Empty(snapshot.Pools);
        Assert.Empty(snapshot.Released);
    }

    [Fact]
    public async Task No_lease_is_overwritten_by_another_owners()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        await store.CommitAsync(new StoreChange.PoolSaved(_pool), new StoreChange.LeaseSaved(LeaseOf("10.0.0.2", "a")));
        var failure = await Assert.ThrowsAsync<StoreException>(() =>
            store.CommitAsync(new StoreChange.LeaseSaved(LeaseOf("10.0.0.2", "b")))
        );
        Assert.Contains("10.0.0.2", failure.Message);
        Assert.Equal("a", Assert.Single((await store.LoadAsync(Cancelled)).Leases).Owner);
    }

    [Fact]
    public async Task One_callers_failure_is_its_own_and_all_or_nothing()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        await store.CommitAsync(new StoreChange.PoolSaved(_pool));
        var commits = Enumerable
            .Range(0, 200)
            .Select(i =>
                store.CommitAsync(
                    new StoreChange.SettingSaved($"s{i}", "v"),
                    new StoreChange.LeaseSaved(LeaseOf($"10.0.0.{i}", "a", i % 7 == 0 ? "nowhere" : "default"))
                )
            )
            .ToArray();
        for (var i = 0; i < commits.Length; i++)
        {
            if (i % 7 == 0)
                await Assert.ThrowsAsync<StoreException>(() => commits[i]);
            else
                await commits[i];
        }
        var snapshot = await store.LoadAsync(Cancelled);
        var expected = Enumerable.Range(0, 200).Where(i => i % 7 != 0).ToArray();
        Assert.Equal(expected.Select(i => $"10.0.0.{i}"), snapshot.Leases.Select(l => l.Address.ToString()));
        Assert.Equal(expected.Select(i => $"s{i}").Order(), snapshot.Settings.Keys.Order());
    }

    [Fact]
    public async Task Commits_are_stored_in_the_order_of_the_calls_and_an_empty_one_is_a_barrier()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        var earlier = Enumerable
            .Range(0, 3_000)
            .Select(i => store.CommitAsync(new StoreChange.SettingSaved("last", $"{i}")))
            .ToArray();
        await store.CommitAsync();
        Assert.Equal("2999", (await store.LoadAsync(Cancelled)).Settings["last"]);
        await Task.WhenAll(earlier);
    }

    [Fact]
    public async Task Disposing_stores_what_is_queued_and_refuses_what_comes_later()
    {
        var store = SqliteStateStore.Open(_file.Path);
        var queued = Enumerable
            .Range(0, 500)
            .Select(i => store.CommitAsync(new StoreChange.SettingSaved($"{i}", "")))
            .ToArray();
        await store.DisposeAsync();
        await Task.WhenAll(queued);
        await Assert.ThrowsAsync<StoreException>(() => store.CommitAsync(new StoreChange.SettingSaved("late", "")));
        await Assert.ThrowsAsync<StoreUnusableException>(() => store.LoadAsync(Cancelled));
        await using var reopened = SqliteStateStore.Open(_file.Path);
        Assert.Equal(500, (await reopened.LoadAsync(Cancelled)).Settings.Count);
    }

    [Fact]
    public async Task A_full_disk_refuses_what_does_not_fit_and_nothing_else()
    {
        await using var store = SqliteStateStore.Open(_file.Path, new SqliteStoreOptions(MaxPages: 66));
        var large = new string('x', 100_000);
        await store.CommitAsync(new StoreChange.SettingSaved("first", large));
        var failure = await Assert.ThrowsAsync<StoreException>(() =>
            store.CommitAsync(new StoreChange.SettingSaved("second", large))
        );
        Assert.Contains("full", failure.Message);
        await store.CommitAsync(new StoreChange.SettingSaved("third", "small"));
        Assert.Equal(["first", "third"], (await store.LoadAsync(Cancelled)).Settings.Keys.Order());
    }

    [Fact]
    public async Task A_file_that_another_process_has_locked_refuses_until_it_is_free()
    {
        await using var store = SqliteStateStore.Open(
            _file.Path,
            new SqliteStoreOptions { BusyTimeout = TimeSpan.FromMilliseconds(50) }
        );
        using (var other = Connect())
        {
            Run(other, "BEGIN IMMEDIATE");
            var failures = Enumerable
                .Range(0, 20)
                .Select(i => store.CommitAsync(new StoreChange.SettingSaved($"{i}", "")));
            foreach (var failure in failures.ToArray())
                await Assert.ThrowsAsync<StoreException>(() => failure);
            Run(other, "ROLLBACK");
        }
        await store.CommitAsync(new StoreChange.SettingSaved("after", ""));
        Assert.Equal(["after"], (await store.LoadAsync(Cancelled)).Settings.Keys);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task The_file_is_in_wal_mode_and_readable_by_its_owner_alone()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        await store.CommitAsync(new StoreChange.SettingSaved("a", "b"));
        foreach (var path in new[] { _file.Path, $"{_file.Path}-wal", $"{_file.Path}-shm" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        using var other = Connect();
        Assert.Equal("wal", Scalar(other, "PRAGMA journal_mode"));
    }

    [Fact]
    public async Task A_file_from_a_newer_program_is_refused_and_left_alone()
    {
        await SqliteStateStore.Open(_file.Path).DisposeAsync();
        using (var other = Connect())
            Run(other, "PRAGMA user_version = 99");
        var failure = Assert.Throws<StoreUnusableException>(() => SqliteStateStore.Open(_file.Path));
        Assert.Contains("99", failure.Message);
        Assert.Contains("newer", failure.Message);
        using var again = Connect();
        Assert.Equal(99L, Scalar(again, "PRAGMA user_version"));
    }

    [Fact]
    public async Task A_fresh_file_has_the_version_of_the_program()
    {
        await SqliteStateStore.Open(_file.Path).DisposeAsync();
        using var other = Connect();
        Assert.Equal((long)SqliteSchema.Version, Scalar(other, "PRAGMA user_version"));
    }

    [Fact]
    public void A_corrupt_file_is_refused_by_name()
    {
        File.WriteAllText(_file.Path, new string('?', 8192));
        var failure = Assert.Throws<StoreUnusableException>(() => SqliteStateStore.Open(_file.Path));
        Assert.Contains(_file.Path, failure.Message);
        Assert.Contains("not a database", failure.Message);
    }

    [Fact]
    public void A_directory_that_is_missing_is_said() =>
        Assert.Throws<StoreUnusableException>(() => SqliteStateStore.Open("/nowhere/at/all/state.db"));

    [Fact]
    public async Task A_document_that_cannot_be_read_stops_the_load_with_a_reason()
    {
        await SqliteStateStore.Open(_file.Path).DisposeAsync();
        using (var other = Connect())
            Run(other, """INSERT INTO vms VALUES ('x', '{"status": "Dreaming"}')""");
        await using var store = SqliteStateStore.Open(_file.Path);
        var failure = await Assert.ThrowsAsync<StoreUnusableException>(() => store.LoadAsync(Cancelled));
        Assert.Contains("status", failure.Message);
    }

    [Fact]
    public async Task Documents_of_other_versions_are_read_unknown_members_skipped_missing_ones_defaulted()
    {
        await SqliteStateStore.Open(_file.Path).DisposeAsync();
        using (var other = Connect())
        {
            Run(
                other,
                """INSERT INTO vms VALUES ('x', '{"id":"x","name":"n","novelty":{"a":[1]},"address":"10.0.0.2"}')"""
            );
            Run(other, """INSERT INTO operations VALUES ('o', '{"id":"o","kind":"k"}')""");
            Run(
                other,
                """
                INSERT INTO pools (name, document) VALUES
                ('p', '{"name":"p","ranges":[{"network":"10.0.0.0/8","first":"10.0.0.2","last":"10.0.0.9","colour":1}]}')
                """
            );
        }
        await using var store = SqliteStateStore.Open(_file.Path);
        var snapshot = await store.LoadAsync(Cancelled);
        var vm = Assert.Single(snapshot.Vms);
        Assert.Equal("10.0.0.2", vm.Address.ToString());
        Assert.Empty(vm.Labels);
        Assert.Null(vm.Process);
        Assert.Empty(Assert.Single(snapshot.Operations).Steps);
        Assert.Empty(Assert.Single(Assert.Single(snapshot.Pools).Ranges).Reservations);
    }

    [Fact]
    public async Task A_lease_that_cannot_be_read_stops_whoever_takes_over_the_leases()
    {
        await SqliteStateStore.Open(_file.Path).DisposeAsync();
        using (var other = Connect())
            Run(
                other,
                "PRAGMA foreign_keys = OFF; INSERT INTO leases (pool, address, owner, since) VALUES (7, 1, 'a', 0)"
            );
        await using var store = SqliteStateStore.Open(_file.Path);
        var snapshot = await store.LoadAsync(Cancelled);
        using var directory = new PoolDirectory(store, new EventHub(TimeProvider.System), TimeProvider.System);
        var failure = Assert.Throws<StoreUnusableException>(() => directory.Load(snapshot));
        Assert.Contains("cannot be read", failure.Message);
        await store.CommitAsync(new StoreChange.SettingSaved("after", "1"));
    }

    [Fact]
    public async Task A_load_that_is_cancelled_says_so()
    {
        await using var store = SqliteStateStore.Open(_file.Path);
        await store.CommitAsync(new StoreChange.SettingSaved("a", "b"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.LoadAsync(new CancellationToken(true)));
        Assert.Single((await store.LoadAsync(Cancelled)).Settings);
    }

    private static Lease LeaseOf(string address, string owner, string pool = "default") =>
        new(pool, Ipv4Address.Parse(address), owner, _now);

    private static PoolChange Change(string id, PoolChangePhase phase) =>
        new(id, "default", new PoolChangeRequest(PoolAction.Expand), _pool, _pool, phase, [], [], [], null, null, null);

    private static VmRecord Vm(string id) =>
        new(
            id,
            "name",
            "cli",
            "owner",
            new Dictionary<string, string> { ["team"] = "a" },
            "golden",
            1,
            256,
            RestartPolicy.OnFailure,
            "default",
            Ipv4Address.Parse("10.0.0.2"),
            Ipv4Network.Parse("10.0.0.0/8"),
            Ipv4Address.Parse("10.0.0.1"),
            VmStatus.Running,
            null,
            "qemu",
            new ProcessIdentity(42, ulong.MaxValue),
            _now,
            _now,
            null,
            2
        );

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
