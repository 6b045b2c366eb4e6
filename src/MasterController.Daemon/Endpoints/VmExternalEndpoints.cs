using MasterController.Contracts;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using ExternalChange = MasterController.Contracts.ExternalChange;

namespace MasterController.Daemon.Endpoints;

/// <summary>How a VM is reached from outside: <c>/api/v1/vms/{id}/open</c>, <c>close</c>, <c>addresses</c> and <c>external-check</c>.</summary>
internal static class VmExternalEndpoints
{
    internal static readonly QueryParameter Plan = QueryParameter.Boolean("plan", "Only say what would be done.");

    public static void Map(RouteGroupBuilder vms)
    {
        vms.MapPost("/{id}/open", OpenAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe(
                "openVm",
                "Let services of a VM be reached from outside",
                "At its dedicated IPv6 and its public IPv4 address. A port that is open already is open to `from` alone from "
                    + "now on. It is durable and in force when this answers; so is what the next ones do."
            )
            .Body<OpenRequest>()
            .Refuses(400, 404, 409, 413, 415, 503);
        vms.MapPost("/{id}/close", CloseAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe(
                "closeVm",
                "Close services of a VM to the outside",
                "Conversations that there are end at once. `all` closes everything."
            )
            .Body<OpenRequest>()
            .Refuses(400, 404, 409, 413, 415, 503);
        vms.MapPost("/{id}/addresses", AttachAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe(
                "attachAddress",
                "Give a VM a dedicated address",
                "It survives stop and start, goes with the VM, and is closed from outside until it is opened. With `move` it "
                    + "is taken from the VM that has it, in the same commit."
            )
            .Body<AttachAddressRequest>(optional: true)
            .Refuses(400, 404, 409, 413, 415, 503);
        vms.MapDelete("/{id}/addresses/{address}", DetachAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe(
                "detachAddress",
                "Take a dedicated address from a VM",
                "It cools down: until then this VM alone may have it back."
            )
            .Query(Plan)
            .Refuses(400, 404, 409, 503);
        vms.MapPost("/{id}/external-check", CheckAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe(
                "checkVmExternal",
                "Check a VM's way to the outside",
                "Whether each of its addresses leads to it, is answered by the guest and open as said, and reached from "
                    + "outside where `external.probe_url` is set."
            )
            .Refuses(404, 409, 503);
    }

    /// <summary>What a change came to, or its refusal.</summary>
    internal static Results<Ok<ExternalChange>, ProblemResult> Answer(ExternalOutcome outcome) =>
        outcome is ExternalOutcome.Done done ? TypedResults.Ok(ExternalMapping.Change(done)) : Problems.From(outcome);

    /// <summary>As <see cref="Answer"/>, where the host may not be readable.</summary>
    internal static async Task<Results<Ok<ExternalChange>, ProblemResult>> AnswerAsync(
        Func<Task<ExternalOutcome>> change
    )
    {
        try
        {
            return Answer(await change());
        }
        catch (HostNetworkException failure)
        {
            return Problems.NetworkUnreadable(failure.Message);
        }
    }

    private static async Task<Results<Ok<ExternalChange>, ProblemResult>> OpenAsync(
        string id,
        HttpRequest request,
        ExternalChanges changes,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.OpenRequest, cancellationToken);
        return body is { Problem: { } problem }
            ? problem
            : await AnswerAsync(() =>
                changes.OpenAsync(id, body.Value!.Services, body.Value.From, body.Value.Plan == true, cancellationToken)
            );
    }

    private static async Task<Results<Ok<ExternalChange>, ProblemResult>> CloseAsync(
        string id,
        HttpRequest request,
        ExternalChanges changes,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.OpenRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        return body.Value!.From is { Count: > 0 }
            ? Problems.Invalid("from", "what is closed is closed to everybody; open it to those who may come in")
            : await AnswerAsync(() =>
                changes.CloseAsync(id, body.Value.Services, body.Value.Plan == true, cancellationToken)
            );
    }

    private static async Task<Results<Ok<ExternalChange>, ProblemResult>> AttachAsync(
        string id,
        HttpRequest request,
        ExternalChanges changes,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadOptionalAsync(
            request,
            ContractsJson.Default.AttachAddressRequest,
            cancellationToken
        );
        if (body.Problem is { } problem)
            return problem;
        // The VM that has the address may lie outside.
        return body.Value?.Move == true && request.HttpContext.Scope() is { IsEverything: false } scope
            ? Problems.OutOfScope("move", "true", scope)
            : await AnswerAsync(() =>
                changes.AttachAddressAsync(
                    id,
                    body.Value?.Address,
                    body.Value?.Kind,
                    body.Value?.Move == true,
                    body.Value?.Plan == true,
                    cancellationToken
                )
            );
    }

    private static async Task<Results<Ok<ExternalChange>, ProblemResult>> DetachAsync(
        string id,
        string address,
        HttpRequest request,
        ExternalChanges changes,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        return query.Problem is { } problem
            ? problem
            : await AnswerAsync(() => changes.DetachAddressAsync(id, address, query.Boolean(Plan), cancellationToken));
    }

    private static async Task<Results<Ok<Contracts.ExternalCheck>, ProblemResult>> CheckAsync(
        string id,
        Core.External.ExternalCheck check,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var outcome = await check.RunAsync(id, cancellationToken);
            return outcome.Refusal is { } refusal
                ? Problems.From(refusal)
                : TypedResults.Ok(ExternalMapping.Check(outcome.Vm!, outcome));
        }
        catch (HostNetworkException failure)
        {
            return Problems.NetworkUnreadable(failure.Message);
        }
    }
}
