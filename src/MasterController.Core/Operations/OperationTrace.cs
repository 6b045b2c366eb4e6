using System.Diagnostics;

namespace MasterController.Core.Operations;

/// <summary>
/// A span for each operation and one for each of its steps, for who listens; without a listener nothing is made. An
/// operation goes on when the call that began it has been answered, and its span with it: it is a child of the call's.
/// </summary>
public static class OperationTrace
{
    public const string SourceName = "MasterController";

    private static readonly ActivitySource _source = new(SourceName);

    internal static Activity? Begin(Operation operation) =>
        Begin(operation.Kind, operation.Subject)?.SetTag("operation.id", operation.Id);

    internal static Activity? Begin(string kind, string subject)
    {
        // The span is the operation's own, and not where the caller goes on.
        var caller = Activity.Current;
        var span = _source.StartActivity(kind);
        Activity.Current = caller;
        return span?.SetTag("operation.kind", kind).SetTag("operation.subject", subject);
    }

    internal static Activity? BeginStep(Activity? operation, string step) =>
        operation is null ? null : _source.StartActivity(step, ActivityKind.Internal, operation.Context);

    internal static void End(Activity? span, Operation ended) => End(span, ended.Status, ended.Error);

    internal static void End(Activity? span, OperationStatus status, string? error)
    {
        if (span is null)
            return;
        span.SetTag("operation.status", OperationJournal.StatusName(status));
        if (status != OperationStatus.Succeeded)
            span.SetStatus(ActivityStatusCode.Error, error);
        Stop(span);
    }

    /// <summary>Of an operation that was refused before it was stored: nobody is told.</summary>
    internal static void Drop(Activity? span)
    {
        if (span is null)
            return;
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        Stop(span);
    }

    // Stopping puts the span that was current when it began back in its place, wherever it is stopped.
    private static void Stop(Activity span)
    {
        var caller = Activity.Current;
        span.Stop();
        Activity.Current = caller;
    }
}
