using System.Text;
using MasterController.Core.External;
using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Writes what is beside VMs' documents about dedicated addresses, inside whatever transaction is open.</summary>
internal sealed class SqliteExternalWriter(SqliteConnection connection) : IDisposable
{
    // A last line of defence: whatever memory believes, no address is taken from a VM but by a move from just that one.
    private readonly SqliteStatement _saveLease = new(
        connection,
        """
        INSERT INTO external_leases (address, vm, since, released) VALUES (?1, ?2, ?3, NULL)
        ON CONFLICT (address) DO UPDATE SET vm = excluded.vm, since = excluded.since, released = NULL
        WHERE external_leases.released IS NOT NULL OR external_leases.vm IN (excluded.vm, ?4)
        """
    );
    private readonly SqliteStatement _releaseLease = new(
        connection,
        """
        INSERT INTO external_leases (address, vm, since, released) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (address) DO UPDATE SET vm = excluded.vm, since = excluded.since, released = excluded.released
        WHERE external_leases.released IS NOT NULL OR external_leases.vm = excluded.vm
        """
    );
    private readonly SqliteStatement _forgetLease = new(
        connection,
        "DELETE FROM external_leases WHERE address = ?1 AND released IS NOT NULL"
    );
    private readonly SqliteStatement _saveChange = new(
        connection,
        """
        INSERT INTO external_changes (time, id, action, summary, document, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (time, id) DO NOTHING
        """
    );
    private readonly SqliteStatement _saveSubject = new(
        connection,
        "INSERT INTO external_change_subjects (subject, time, change) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
    );
    private readonly SqliteStatement _forgetChanges = new(connection, "DELETE FROM external_changes WHERE time < ?1");
    private readonly SqliteStatement _forgetSubjects = new(
        connection,
        "DELETE FROM external_change_subjects WHERE time < ?1"
    );

    /// <summary>False where the change is none of these.</summary>
    /// <exception cref="StoreException">The address is another VM's.</exception>
    public bool TryWrite(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.ExternalLeaseSaved(var lease, var from):
                RefuseUnlessOne(lease, Bind(_saveLease, lease).BindNullable(from).Run());
                return true;
            case StoreChange.ExternalLeaseReleased(var lease):
                RefuseUnlessOne(lease, Bind(_releaseLease, lease).Bind(lease.ReleasedAt!.Value.UtcTicks).Run());
                return true;
            case StoreChange.ExternalLeasesForgotten(var addresses):
                foreach (var address in addresses)
                    _forgetLease.Bind(address.ToString()).Run();
                return true;
            case StoreChange.ExternalChangeSaved(var saved):
                Save(saved);
                return true;
            case StoreChange.ExternalChangesForgotten(var before):
                _forgetChanges.Bind(before.UtcTicks).Run();
                _forgetSubjects.Bind(before.UtcTicks).Run();
                return true;
            default:
                return false;
        }
    }

    public void Dispose()
    {
        SqliteStatement[] statements =
        [
            _saveLease,
            _releaseLease,
            _forgetLease,
            _saveChange,
            _saveSubject,
            _forgetChanges,
            _forgetSubjects,
        ];
        foreach (var statement in statements)
            statement.Dispose();
    }

    private void Save(ExternalChange change)
    {
        _saveChange
            .Bind(change.Time.UtcTicks)
            .Bind(change.Id)
            .Bind(change.Action)
            .Bind(change.Summary)
            .Bind(Encoding.UTF8.GetString(StoreDocuments.Write(change.Vms)))
            .Bind(change.By)
            .Run();
        foreach (var subject in change.Subjects)
            _saveSubject.Bind(subject).Bind(change.Time.UtcTicks).Bind(change.Id).Run();
    }

    private static SqliteStatement Bind(SqliteStatement statement, ExternalLease lease) =>
        statement.Bind(lease.Address.ToString()).Bind(lease.Vm).Bind(lease.Since.UtcTicks);

    private static void RefuseUnlessOne(ExternalLease lease, int rows)
    {
        if (rows != 1)
            throw new StoreException($"the dedicated address {lease.Address} belongs to another VM than {lease.Vm}");
    }
}
