using MasterController.Core.HostNetwork.Drift;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Writes what has differed in the host network, inside whatever transaction is open.</summary>
internal sealed class SqliteDriftWriter(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _save = new(
        connection,
        """
        INSERT OR REPLACE INTO network_drift
            (ended, object, name, owner, expected, found, by, advice, since, observations, state)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """
    );
    private readonly SqliteStatement _forget = new(connection, "DELETE FROM network_drift WHERE ended < ?1");

    public void Save(DriftEntry entry)
    {
        var difference = entry.Difference;
        _save
            .Bind(entry.Ended!.Value.UtcTicks)
            .Bind(DriftNames.Of(difference.Object))
            .Bind(difference.Name)
            .Bind(difference.Owner ?? "")
            .Bind(difference.Expected)
            .Bind(difference.Found)
            .BindNullable(difference.By)
            .BindNullable(difference.Advice)
            .Bind(entry.Since.UtcTicks)
            .Bind(entry.Observations)
            .Bind(DriftNames.Of(entry.State))
            .Run();
    }

    public void Forget(DateTimeOffset before) => _forget.Bind(before.UtcTicks).Run();

    public void Dispose()
    {
        _save.Dispose();
        _forget.Dispose();
    }
}
