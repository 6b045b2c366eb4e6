using System.Globalization;
using System.Text.Json;
using MasterController.Contracts;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>GET /api/v1/events/history</c>.</summary>
internal static class EventHistoryEndpoints
{
    private const int CsvPage = 1000;

    private static readonly QueryParameter Subject = QueryParameter.Text(
        "subject",
        "Only events about this: a VM's id, a pool, an address, an operation."
    );
    private static readonly QueryParameter From = QueryParameter.Time("from", "Only events at this time or later.");
    private static readonly QueryParameter To = QueryParameter.Time("to", "Only events at this time or earlier.");
    private static readonly QueryParameter Format = QueryParameter.OneOf(
        "format",
        "`csv` for a file with all that match, without pages; `limit` then bounds them only where it is given.",
        ["json", "csv"]
    );

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/events/history", ListAsync)
            .WithTags("Events")
            .Needs(Role.Viewer)
            .Describe("listEvents", "List what has happened", "Newest first, as far back as `events.keep_days` says.")
            .Query(EventEndpoints.Type, Subject, From, To, Format, Paging.Limit, Paging.Cursor)
            .Refuses(400, 503);

    private static async Task<Results<Ok<EventList>, PushStreamHttpResult, ProblemResult>> ListAsync(
        HttpRequest request,
        EventHub events,
        IStateHistory history,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        if (Paging.ReadNumber(query, out var before) is { } badCursor)
            return badCursor;
        var filter = new EventFilter(
            query.Text(EventEndpoints.Type),
            query.Text(Subject),
            query.Time(From),
            query.Time(To)
        );
        if (filter.From > filter.To)
            return Problems.Invalid(
                From.Name,
                $"\"{query.Text(From)}\" is later than to, which is \"{query.Text(To)}\""
            );

        await events.FlushAsync(cancellationToken);
        if (query.Text(Format) == "csv")
        {
            var most = query.Text(Paging.Limit) is null ? int.MaxValue : query.Integer(Paging.Limit);
            request.HttpContext.Response.Headers.ContentDisposition = "attachment; filename=\"events.csv\"";
            return TypedResults.Stream(
                body => WriteCsvAsync(body, history, filter, before, most, cancellationToken),
                CsvText.ContentType
            );
        }
        var limit = query.Integer(Paging.Limit);
        var found = await history.FindEventsAsync(filter, before, limit + 1, cancellationToken);
        var next = found.Count > limit ? found[limit - 1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return TypedResults.Ok(new EventList([.. found.Take(limit).Select(Mapping.Event)], next));
    }

    private static async Task WriteCsvAsync(
        Stream body,
        IStateHistory history,
        EventFilter filter,
        long? before,
        int most,
        CancellationToken cancellationToken
    )
    {
        await using var writer = new StreamWriter(body);
        await writer.WriteAsync(CsvText.Row("id", "time", "type", "subject", "message", "data"));
        while (most > 0)
        {
            var size = Math.Min(CsvPage, most);
            var page = await history.FindEventsAsync(filter, before, size, cancellationToken);
            foreach (var happened in page)
                await writer.WriteAsync(Row(happened));
            if (page.Count < size)
                return;
            most -= size;
            before = page[^1].Id;
        }
    }

    private static string Row(ControllerEvent happened) =>
        CsvText.Row(
            happened.Id.ToString(CultureInfo.InvariantCulture),
            happened.Time.ToString("O", CultureInfo.InvariantCulture),
            happened.Type,
            happened.Subject,
            happened.Message,
            happened.Data is { } data
                ? JsonSerializer.Serialize(data, ApiJson.Default.IReadOnlyDictionaryStringString)
                : null
        );
}
