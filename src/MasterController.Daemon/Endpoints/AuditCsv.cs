using System.Globalization;
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
        response.ContentType = $"{CsvText.ContentType}; header=present";
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

    internal static string Row(AuditEntry entry) =>
        CsvText.Row(
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
            entry.After
        );
}
