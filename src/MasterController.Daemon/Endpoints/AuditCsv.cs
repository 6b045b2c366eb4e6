using System.Globalization;
using System.Text;
using MasterController.Core.Access;
using MasterController.Core.Store;

namespace MasterController.Daemon.Endpoints;

/// <summary>Entries of the audit log as a table (RFC 4180), read and sent a page at a time.</summary>
/// <param name="most">Null for all.</param>
internal sealed class AuditCsv(IStateHistory history, AuditFilter filter, int? most) : IResult
{
    private const int PageSize = 500;
    private const string Header =
        "id,time,actor,role,action,subject,method,path,status,error,operation,request,before,after\r\n";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "text/csv; charset=utf-8; header=present";
        response.Headers.ContentDisposition = "attachment; filename=\"audit.csv\"";
        var cancellationToken = httpContext.RequestAborted;
        await response.WriteAsync(Header, cancellationToken);
        var left = most ?? int.MaxValue;
        var page = filter;
        while (left > 0)
        {
            var wanted = Math.Min(left, PageSize);
            var entries = await history.ReadAuditAsync(page with { Most = wanted }, cancellationToken);
            await response.WriteAsync(string.Concat(entries.Select(Row)), cancellationToken);
            if (entries.Count < wanted)
                return;
            left -= entries.Count;
            page = page with { BeforeId = entries[^1].Id };
        }
    }

    internal static string Row(AuditEntry entry)
    {
        string?[] fields =
        [
            entry.Id.ToString(CultureInfo.InvariantCulture),
            entry.Time.ToString("O", CultureInfo.InvariantCulture),
            entry.Actor,
            entry.Role,
            entry.Action,
            entry.Subject,
            entry.Method,
            entry.Path,
            entry.Status?.ToString(CultureInfo.InvariantCulture),
            entry.Error,
            entry.OperationId,
            entry.Request,
            entry.Before,
            entry.After,
        ];
        var row = new StringBuilder();
        foreach (var field in fields)
            row.Append(row.Length > 0 ? "," : "").Append(Field(field ?? ""));
        return row.Append("\r\n").ToString();
    }

    /// <summary>What a spreadsheet would take for a formula is made a text by an apostrophe.</summary>
    private static string Field(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{text}" : text;
        return safe.AsSpan().ContainsAny(",\"\r\n")
            ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : safe;
    }
}
