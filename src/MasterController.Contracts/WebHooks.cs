namespace MasterController.Contracts;

/// <summary>Body of <c>POST /api/v1/webhooks</c>.</summary>
/// <param name="Name">A DNS label, unique.</param>
/// <param name="Url">Absolute; https, or http.</param>
/// <param name="Events">Types or their beginnings ("vm", "operation.failed"), as in <c>?type=</c>; all when left out.</param>
/// <param name="Secret">16 to 256 printable characters; made when left out.</param>
public sealed record CreateWebHookRequest(
    string? Name = null,
    string? Url = null,
    IReadOnlyList<string>? Events = null,
    string? Secret = null
);

/// <param name="LastEventId">Events up to this one are delivered, or were given up.</param>
/// <param name="State">"ok", "retrying" or "failing" (events were given up).</param>
/// <param name="LastError">Why the last attempt failed; null where it did not.</param>
/// <param name="GivenUp">Events that were given up after all retries.</param>
public sealed record WebHook(
    string Name,
    string Url,
    IReadOnlyList<string> Events,
    DateTimeOffset CreatedAt,
    long LastEventId,
    string State,
    string? LastError,
    DateTimeOffset? LastDeliveryAt,
    DateTimeOffset? NextAttemptAt,
    long Delivered,
    long GivenUp
);

/// <summary>The one time that the secret is shown.</summary>
public sealed record CreatedWebHook(WebHook WebHook, string Secret);

public sealed record WebHookList(IReadOnlyList<WebHook> Items);

/// <summary>What came of <c>POST /api/v1/webhooks/{name}/test</c>: one event, sent at once.</summary>
/// <param name="Status">HTTP status of the receiver; null where there was no answer.</param>
public sealed record WebHookTest(bool Delivered, int? Status, string? Error, double Milliseconds);

/// <summary>A page of <c>GET /api/v1/events/history</c>, newest first.</summary>
public sealed record EventList(IReadOnlyList<Event> Items, string? Next);
