namespace MasterController.Contracts;

/// <param name="Kind">vm.create, image.build, …</param>
/// <param name="Status">running, succeeded, failed, rolled-back.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Result">What came of it, where success alone does not say it.</param>
/// <param name="By">Who asked for it: an actor of the audit log, or "controller".</param>
public sealed record Operation(
    string Id,
    string Kind,
    string Subject,
    string Status,
    IReadOnlyList<OperationStep> Steps,
    double Progress,
    string? Detail,
    string? Error,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? Result = null,
    string By = "controller"
);

/// <param name="Status">pending, running, done, failed, undone.</param>
/// <param name="Milliseconds">How long it took; null before it has ended.</param>
public sealed record OperationStep(string Name, string Status, double? Milliseconds);

public sealed record OperationList(IReadOnlyList<Operation> Items);

/// <summary>One event of <c>GET /api/v1/events</c>; its id is the SSE id, its type the SSE event name.</summary>
public sealed record Event(
    long Id,
    DateTimeOffset Time,
    string Type,
    string Subject,
    string Message,
    IReadOnlyDictionary<string, string>? Data
);
