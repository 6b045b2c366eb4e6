using System.Globalization;
using System.Text.Json;
using MasterController.Contracts;
using MasterController.Core.Access;
using MasterController.Core.Store;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using AuditEntry = MasterController.Contracts.AuditEntry;
using CoreEntry = MasterController.Core.Access.AuditEntry;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>GET /api/v1/audit</c>.</summary>
internal static class AuditEndpoint
{
    private const string Refused = "refused";
    private const string Done = "done";
    private const string Json = "json";
    private const string Csv = "csv";

    private static readonly QueryParameter Actor = QueryParameter.Text(
        "actor",
        "Only what this actor has asked for (\"uid:0 (root)\", \"key:ci (k-0123456789ab)\", \"controller\")."
    );
    private static readonly QueryParameter Action = QueryParameter.Text(
        "action",
        "Only this, by the operation's id (`createVm`)."
    );
    private static readonly QueryParameter Subject = QueryParameter.Text(
        "subject",
        "Only changes of this: a VM's id, a pool, a key."
    );
    private static readonly QueryParameter From = QueryParameter.Time("from", "The first time, RFC 3339.");
    private static readonly QueryParameter To = QueryParameter.Time("to", "The last time, RFC 3339.");
    private static readonly QueryParameter Status = QueryParameter.OneOf(
        "status",
        "Only what was refused (answered with 400 or more), or done.",
        [Refused, Done]
    );
    private static readonly QueryParameter Format = QueryParameter.OneOf(
        "format",
        "`csv` (RFC 4180) for all of them, unless there is a limit; `json` when left out.",
        [Json, Csv]
    );

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/audit", ListAsync)
            .WithTags("Access")
            .Needs(Role.Admin)
            .Describe(
                "listAudit",
                "List who asked for which change",
                "Newest first; kept for `audit.keep_days`. An entry is durable before its change is."
            )
            .Query(Actor, Action, Subject, From, To, Status, Format, Paging.Limit, Paging.Cursor)
            .Produces<string>(200, "text/csv")
            .Refuses(400, 503);

    private static async Task<Results<Ok<AuditList>, AuditCsv, ProblemResult>> ListAsync(
        HttpRequest request,
        IStateStore store,
        IStateHistory history,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        if (Paging.ReadNumber(query, out var before) is { } badCursor)
            return badCursor;
        var filter = new AuditFilter(
            query.Text(Actor),
            query.Text(Action),
            query.Text(Subject),
            query.Time(From),
            query.Time(To),
            query.Text(Status) is { } status ? status == Refused : null,
            before
        );
        // What nobody waited for is stored with this: whoever has been answered finds the entry.
        await store.CommitAsync();
        if (query.Text(Format) == Csv)
            return new AuditCsv(history, filter, query.Text(Paging.Limit) is null ? null : query.Integer(Paging.Limit));
        var limit = query.Integer(Paging.Limit);
        var found = await history.ReadAuditAsync(filter with { Most = limit + 1 }, cancellationToken);
        var next = found.Count > limit ? found[limit - 1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return TypedResults.Ok(new AuditList([.. found.Take(limit).Select(Shown)], next));
    }

    private static AuditEntry Shown(CoreEntry entry) =>
        new(
            entry.Id,
            entry.Time,
            entry.Actor,
            entry.Role,
            entry.Action,
            entry.Subject,
            entry.Method,
            entry.Path,
            entry.Status,
            entry.Error,
            entry.OperationId,
            Element(entry.Request),
            Element(entry.Before),
            Element(entry.After)
        );

    private static JsonElement? Element(string? json)
    {
        if (json is null)
            return null;
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
