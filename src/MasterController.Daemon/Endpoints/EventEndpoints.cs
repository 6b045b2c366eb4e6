using System.Globalization;
using System.Net.ServerSentEvents;
using MasterController.Contracts;
using MasterController.Core.Events;
using MasterController.Core.Operations;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>GET /api/v1/events</c>.</summary>
internal static class EventEndpoints
{
    internal static readonly QueryParameter Type = QueryParameter.Text(
        "type",
        "Only events whose type is this or begins with this and a dot (`vm`, `operation.step`)."
    );

    private const string LastEventId = "Last-Event-ID";

    private static readonly HeaderParameter Last = new(
        LastEventId,
        "The id of the last event seen: first come all that are stored after it."
    );

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/events", Stream)
            .WithTags("Events")
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe(
                "streamEvents",
                "Follow what happens (server-sent events)",
                "Each has an id, its type as the event name, and the event as JSON. Ids grow over restarts, with a leap at "
                    + "each; a gap between two events of one stream means that the caller did not keep up. A comment comes "
                    + "every 15 s."
            )
            .Query(Type)
            .Headers(Last)
            .Produces<Event>(200, "text/event-stream")
            .Refuses(400, 503);

    private static Results<ServerSentEventsResult<Event>, ProblemResult> Stream(
        HttpContext context,
        EventHub events,
        VmLifecycle vms,
        OperationJournal journal,
        TimeProvider clock,
        IHostApplicationLifetime lifetime
    )
    {
        var query = QueryValues.Read(context.Request);
        if (query.Problem is { } problem)
            return problem;
        long? after = null;
        if (context.Request.Headers.TryGetValue(LastEventId, out var text))
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                return Problems.Invalid(LastEventId, $"\"{text}\" is not the id of an event");
            after = id;
        }
        var stream = new EventStream(context.Response, clock, context.RequestAborted, lifetime.ApplicationStopping);
        var visible = new ScopedSubjects(context.Caller(), vms, journal);
        return TypedResults.ServerSentEvents(
            stream.Items(events.SubscribeAsync(after, stream.Ends), query.Text(Type), visible)
        );
    }

    internal static SseItem<Event> Item(ControllerEvent happened) =>
        new(Mapping.Event(happened), happened.Type) { EventId = happened.Id.ToString(CultureInfo.InvariantCulture) };
}
