using MasterController.Core.Addressing;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Linux.Addresses;
using Microsoft.Data.Sqlite;
using Xunit;

namespace MasterController.Tests.Store;

public sealed class SqliteHistoryTests : StateHistoryTests
{
    private readonly StateFile _file = new();
    private readonly SqliteStateStore _store;

    public SqliteHistoryTests() => _store = SqliteStateStore.Open(_file.Path);

    protected override IStateStore Store => _store;

    protected override IStateHistory History => _store.History;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _file.Dispose();
    }

    [Fact]
    public async Task Reading_does_not_wait_for_a_writer_that_has_the_file()
    {
        await Store.CommitAsync(new StoreChange.LeaseSaved(LeaseOf("a")));
        await using var other = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        await other.OpenAsync(Cancelled);
        Execute(other, "BEGIN IMMEDIATE");
        Execute(other, "DELETE FROM leases");
        Assert.Equal("a", Assert.Single(await PeriodsAsync()).Owner);
        Execute(other, "ROLLBACK");
    }

    [Fact]
    public async Task Readers_beside_commits_see_each_of_them_once_it_is_done()
    {
        var readers = Enumerable.Range(2, 8).Select(host => Task.Run(() => WorkAsync($"10.0.0.{host}"), Cancelled));
        await Task.WhenAll(readers);

        async Task WorkAsync(string address)
        {
            for (var i = 0; i < 50; i++)
            {
                var lease = LeaseOf($"o{i}", address) with { Since = DateTimeOffset.UnixEpoch.AddMinutes(i) };
                await Store.CommitAsync(new StoreChange.LeaseSaved(lease));
                var periods = await History.ReadLeasePeriodsAsync(lease.Address, Cancelled);
                Assert.Equal(i + 1, periods.Count);
                Assert.Equal((lease.Owner, null), (periods[^1].Owner, periods[^1].Until));
                await Store.CommitAsync(new StoreChange.LeaseReleased(lease, lease.Since.AddSeconds(30)));
            }
        }
    }

    [Fact]
    public async Task A_read_that_is_cancelled_says_so_and_leaves_the_next_alone()
    {
        var cancelled = new CancellationToken(true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            History.ReadPoolVersionsAsync("default", cancelled)
        );
        Assert.Empty(await PeriodsAsync());
    }

    [Fact]
    public async Task A_closed_store_has_no_history()
    {
        await Store.DisposeAsync();
        await Store.DisposeAsync();
        await Assert.ThrowsAsync<StoreUnusableException>(PeriodsAsync);
        await Assert.ThrowsAsync<StoreUnusableException>(() => History.ReadPoolVersionsAsync("default", Cancelled));
        await Assert.ThrowsAsync<StoreUnusableException>(() =>
            History.ReadUtilisationAsync(
                "default",
                SampleInterval.Hour,
                DateTimeOffset.MinValue,
                DateTimeOffset.MaxValue,
                Cancelled
            )
        );
    }

    [Fact]
    public async Task A_version_of_a_pool_that_is_not_there_is_refused()
    {
        var pool = new PoolDefinition("nowhere", [], default, default, false, 1, false, [], []);
        var version = new PoolVersion(pool, DateTimeOffset.UnixEpoch, "create", null);
        await Assert.ThrowsAsync<StoreException>(() => Store.CommitAsync(new StoreChange.PoolVersionSaved(version)));
    }

    [Theory]
    [InlineData("SELECT pool FROM lease_history WHERE address = 1", "PRIMARY KEY")]
    [InlineData(
        "DELETE FROM lease_history WHERE until < 9 AND address IN (SELECT address FROM lease_history_hours WHERE hour <= 3)",
        "SEARCH"
    )]
    [InlineData("DELETE FROM lease_history_hours WHERE hour < 3", "PRIMARY KEY")]
    [InlineData("DELETE FROM utilisation WHERE pool IN (SELECT id FROM pools) AND interval = 1 AND time < 2", "SEARCH")]
    public async Task Neither_reading_an_address_nor_forgetting_by_age_scans_the_history(string sql, string how)
    {
        await using var other = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        await other.OpenAsync(Cancelled);
        await using var command = other.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {sql}";
        await using var plan = await command.ExecuteReaderAsync(Cancelled);
        List<string> lines = [];
        while (await plan.ReadAsync(Cancelled))
            lines.Add(plan.GetString(3));
        Assert.Contains(how, lines[0]);
        Assert.DoesNotContain(lines, l => l.StartsWith("SCAN lease", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.StartsWith("SCAN utilisation", StringComparison.Ordinal));
    }

    private static Lease LeaseOf(string owner, string address = "10.0.0.2") =>
        new("default", Ipv4Address.Parse(address), owner, DateTimeOffset.UnixEpoch);

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
