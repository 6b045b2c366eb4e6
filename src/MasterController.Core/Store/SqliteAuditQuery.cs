using MasterController.Core.Access;

namespace MasterController.Core.Store;

/// <summary>A query for entries of the audit log, with just those conditions that were asked for.</summary>
internal sealed class SqliteAuditQuery
{
    private readonly List<string> _conditions = [];
    private readonly List<Action<SqliteStatement>> _values = [];
    private readonly int _most;

    public SqliteAuditQuery(AuditFilter filter)
    {
        _most = filter.Most;
        Add("actor =", filter.Actor);
        Add("action =", filter.Action);
        Add("subject =", filter.Subject);
        Add("time >=", filter.From?.UtcTicks);
        Add("time <=", filter.To?.UtcTicks);
        Add("id <", filter.BeforeId);
        if (filter.Refused is { } refused)
            Add(refused ? "status >=" : "status <", AuditFilter.FirstRefusal);
    }

    public string Sql =>
        "SELECT id, time, actor, role, action, subject, method, path, status, error, operation, request, before, after FROM audit "
        + (_conditions.Count > 0 ? $"WHERE {string.Join(" AND ", _conditions)} " : "")
        + $"ORDER BY id DESC LIMIT ?{_values.Count + 1}";

    public void Bind(SqliteStatement query)
    {
        foreach (var value in _values)
            value(query);
        query.Bind(_most);
    }

    public static AuditEntry Read(SqliteStatement row) =>
        new(
            row.Int64(0),
            row.Time(1),
            row.Text(2),
            row.Text(3),
            row.Text(4),
            row.TextOrNull(5),
            row.Text(6),
            row.Text(7),
            row.IsNull(8) ? null : (int)row.Int64(8),
            row.TextOrNull(9),
            row.TextOrNull(10),
            row.TextOrNull(11),
            row.TextOrNull(12),
            row.TextOrNull(13)
        );

    private void Add(string condition, string? value)
    {
        if (value is not null)
            Add(condition, query => query.Bind(value));
    }

    private void Add(string condition, long? value)
    {
        if (value is { } number)
            Add(condition, query => query.Bind(number));
    }

    private void Add(string condition, Action<SqliteStatement> value)
    {
        _values.Add(value);
        _conditions.Add($"{condition} ?{_values.Count}");
    }
}
