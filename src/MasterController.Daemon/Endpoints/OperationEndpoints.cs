using MasterController.Contracts;
using MasterController.Core.Operations;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Operation = MasterController.Contracts.Operation;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/operations</c>.</summary>
internal static class OperationEndpoints
{
    private static readonly QueryParameter Kind = QueryParameter.Text("kind", "Only operations of this kind.");
    private static readonly QueryParameter Subject = QueryParameter.Text("subject", "Only operations on this subject.");
    private static readonly QueryParameter Status = QueryParameter.OneOf(
        "status",
        "Only operations of this status.",
        Names.OperationStatuses
    );

    public static void Map(RouteGroupBuilder api)
    {
        var operations = api.MapGroup("/operations").WithTags("Operations");
        operations
            .MapGet("", List)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe("listOperations", "List operations", "Newest first: all that run, and the last 1000 that ended.")
            .Query(Kind, Subject, Status)
            .Refuses(400, 503);
        operations
            .MapGet("/{id}", ShowAsync)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe("showOperation", "Show an operation, or wait for its end")
            .Headers(HeaderParameter.Wait)
            .Refuses(400, 404, 503);
    }

    private static Results<Ok<OperationList>, ProblemResult> List(
        HttpRequest request,
        OperationJournal journal,
        VmLifecycle vms
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var visible = new ScopedSubjects(request.HttpContext.Caller(), vms, journal);
        var shown = journal
            .List()
            .Where(visible.Has)
            .Where(o => query.Text(Kind) is not { } kind || o.Kind == kind)
            .Where(o => query.Text(Subject) is not { } subject || o.Subject == subject)
            .Where(o => query.Text(Status) is not { } status || Names.Of(o.Status) == status);
        return TypedResults.Ok(new OperationList([.. shown.Select(Mapping.Operation)]));
    }

    private static async Task<Results<Ok<Operation>, ProblemResult>> ShowAsync(
        string id,
        HttpRequest request,
        OperationJournal journal,
        VmLifecycle vms,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (RequestHeaders.ReadWait(request, out var wait) is { } badWait)
            return badWait;
        // Asked for before the wait: what it was about may be gone after it.
        if (
            journal.Find(id) is not { } asked
            || !new ScopedSubjects(request.HttpContext.Caller(), vms, journal).Has(asked)
        )
            return Problems.NotFound("operation", id);
        if (wait is { } atMost)
        {
            RequestHeaders.SayWaited(request.HttpContext.Response, atMost);
            using var over = new CancellationTokenSource(atMost, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
            try
            {
                await journal.WaitAsync(id, either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The time is over: the operation is shown as far as it is.
            }
        }
        return journal.Find(id) is { } operation
            ? TypedResults.Ok(Mapping.Operation(operation))
            : Problems.NotFound("operation", id);
    }
}
