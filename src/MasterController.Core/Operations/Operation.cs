using MasterController.Core.Access;

namespace MasterController.Core.Operations;

/// <summary>A long-running, resumable change with numbered steps, as it is stored and shown.</summary>
/// <param name="Subject">What it changes: a VM id, a pool or an image name.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Result">What came of it, for a person, where success alone does not say it.</param>
/// <param name="By">Who asked for it, as in the audit log.</param>
/// <param name="Detail">What it does just now, for a person ("linux-image … 12 of 26 MB").</param>
public sealed record Operation(
    string Id,
    string Kind,
    string Subject,
    OperationStatus Status,
    IReadOnlyList<OperationStep> Steps,
    double Progress,
    string? Detail,
    string? Error,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? Result = null,
    string By = Actor.Controller
);

/// <param name="Milliseconds">How long it took; null before it has ended. Undoing it is not counted.</param>
public sealed record OperationStep(string Name, StepStatus Status, double? Milliseconds = null);

public enum OperationStatus
{
    Running,
    Succeeded,
    Failed,
    RolledBack,
}

public enum StepStatus
{
    Pending,
    Running,
    Done,
    Failed,
    Undone,
}
