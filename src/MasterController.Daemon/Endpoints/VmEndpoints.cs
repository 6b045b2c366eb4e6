using System.Security.Cryptography;
using System.Text;
using MasterController.Contracts;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/vms</c>.</summary>
internal static class VmEndpoints
{
    private static readonly QueryParameter Status = QueryParameter.OneOf(
        "status",
        "Only VMs of this status.",
        Names.VmStatuses
    );
    private static readonly QueryParameter Type = QueryParameter.Text("type", "Only VMs of this type.");
    private static readonly QueryParameter Owner = QueryParameter.Text("owner", "Only VMs of this owner.");
    private static readonly QueryParameter Pool = QueryParameter.Text("pool", "Only VMs of this pool.");
    private static readonly QueryParameter Name = QueryParameter.Text("name", "Only the VM of this name.");
    private static readonly QueryParameter Label = new(
        "label",
        QueryKind.Pair,
        "Only VMs with this label (`key=value`); may be repeated, and all of them must be there.",
        Repeatable: true
    );

    public static void Map(RouteGroupBuilder api)
    {
        var vms = api.MapGroup("/vms").WithTags("VMs").WithMetadata(AuditSubject.Vm);
        vms.MapGet("", List)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe("listVms", "List VMs", "In order of creation.")
            .Query(Status, Type, Owner, Pool, Name, Label, Paging.Limit, Paging.Cursor)
            .Refuses(400, 503);
        vms.MapPost("", CreateAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Handler)
            .Describe(
                "createVm",
                "Create and start a VM",
                "Its address and the intent are durable when this answers; the rest goes on. "
                    + "The VM is `creating`, unless `Prefer: wait=N` has waited for the end of it."
            )
            .Headers(HeaderParameter.IdempotencyKey, HeaderParameter.Wait)
            .Body<CreateVmRequest>()
            .Refuses(400, 404, 409, 413, 415, 503);
        vms.MapGet("/{id}", Show)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Vm)
            .Describe("showVm", "Show a VM", "By id or name.")
            .Refuses(404, 503);
        vms.MapDelete("/{id}", DeleteAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe(
                "deleteVm",
                "Delete a VM",
                "Also while it is being created. Its disk is gone for good and its address cools down."
            )
            .Headers(HeaderParameter.Wait)
            .Refuses(400, 404, 409, 503);
        vms.MapPost("/{id}/start", StartAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe("startVm", "Start a stopped or failed VM", "With the disk and the address that it had.")
            .Headers(HeaderParameter.Wait)
            .Refuses(400, 404, 409, 503);
        vms.MapPost("/{id}/stop", StopAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe("stopVm", "Stop a VM", "Asks the guest to end, and forces it when the time is over.")
            .Headers(HeaderParameter.Wait)
            .Body<StopVmRequest>(optional: true)
            .Refuses(400, 404, 409, 415, 503);
        vms.MapPost("/{id}/restart", RestartAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Vm)
            .Describe("restartVm", "Stop and start a VM", "With the disk and the address that it had.")
            .Headers(HeaderParameter.Wait)
            .Body<StopVmRequest>(optional: true)
            .Refuses(400, 404, 409, 415, 503);
        VmPolicyEndpoints.Map(vms);
        VmExternalEndpoints.Map(vms);
    }

    private static Results<Ok<VmList>, ProblemResult> List(HttpRequest request, VmLifecycle vms)
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var (owner, pool) = (query.Text(Owner), query.Text(Pool));
        var scope = request.HttpContext.Scope();
        if (!scope.Has(owner ?? scope.Owner, pool ?? scope.Pool ?? ""))
            return TypedResults.Ok(new VmList([], Total: 0, Next: null));
        var filter = new VmFilter(
            query.Text(Status) is { } status && VmStatusName.TryParse(status, out var wanted) ? wanted : null,
            query.Text(Type),
            owner ?? scope.Owner,
            pool ?? scope.Pool,
            query.Text(Name),
            query.Pairs(Label)
        );
        try
        {
            var page = vms.List(filter, query.Integer(Paging.Limit), query.Text(Paging.Cursor));
            return TypedResults.Ok(
                new VmList([.. page.Items.Select(vm => Mapping.Vm(vm, vms))], page.Total, page.Next)
            );
        }
        catch (FormatException)
        {
            return Paging.Invalid(query.Text(Paging.Cursor));
        }
    }

    private static async Task<Results<Accepted<Vm>, Ok<Vm>, ProblemResult>> CreateAsync(
        HttpRequest request,
        VmLifecycle vms,
        CancellationToken cancellationToken
    )
    {
        if (RequestHeaders.ReadIdempotencyKey(request, out var key) is { } badKey)
            return badKey;
        if (RequestHeaders.ReadWait(request, out var wait) is { } badWait)
            return badWait;
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.CreateVmRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;

        var scope = request.HttpContext.Scope();
        if (OutOfScope(body.Value!, scope) is { } outside)
            return outside;
        var wish = body.Value! with { Owner = body.Value.Owner ?? scope.Owner, Pool = body.Value.Pool ?? scope.Pool };
        var hash = key is null ? null : HashOf(body.Bytes, scope);
        var outcome = await vms.CreateAsync(Wish(wish), key, hash);
        switch (outcome)
        {
            case VmOutcome.Accepted accepted:
                var settled = await SettleAsync(vms, accepted.Vm, wait, request, cancellationToken);
                return settled is null
                    ? Problems.NotFound("VM", accepted.Vm.Id)
                    : TypedResults.Accepted($"/api/v1/vms/{settled.Id}", Mapping.Vm(settled, vms));
            case VmOutcome.AlreadyCreated already:
                var former = await SettleAsync(vms, already.Vm, wait, request, cancellationToken);
                return former is null
                    ? Problems.NotFound("VM", already.Vm.Id)
                    : TypedResults.Ok(Mapping.Vm(former, vms));
            default:
                return Problems.From(outcome);
        }
    }

    private static Results<Ok<Vm>, ProblemResult> Show(string id, VmLifecycle vms) =>
        vms.Find(id) is { } vm ? TypedResults.Ok(Mapping.Vm(vm, vms)) : Problems.NotFound("VM", id);

    private static async Task<Results<NoContent, Accepted<Vm>, ProblemResult>> DeleteAsync(
        string id,
        HttpRequest request,
        VmLifecycle vms,
        CancellationToken cancellationToken
    )
    {
        if (RequestHeaders.ReadWait(request, out var wait) is { } badWait)
            return badWait;
        var outcome = await vms.DeleteAsync(id);
        if (outcome is not VmOutcome.Accepted accepted)
            return Problems.From(outcome);
        return await SettleAsync(vms, accepted.Vm, wait, request, cancellationToken) is { } left
            ? TypedResults.Accepted($"/api/v1/vms/{left.Id}", Mapping.Vm(left, vms))
            : TypedResults.NoContent();
    }

    private static Task<Results<Accepted<Vm>, ProblemResult>> StartAsync(
        string id,
        HttpRequest request,
        VmLifecycle vms,
        CancellationToken cancellationToken
    ) => ChangeAsync(vms, request, () => vms.StartAsync(id), cancellationToken);

    private static Task<Results<Accepted<Vm>, ProblemResult>> StopAsync(
        string id,
        HttpRequest request,
        VmLifecycle vms,
        CancellationToken cancellationToken
    ) => EndAsync(vms, request, timeout => vms.StopAsync(id, timeout), cancellationToken);

    private static Task<Results<Accepted<Vm>, ProblemResult>> RestartAsync(
        string id,
        HttpRequest request,
        VmLifecycle vms,
        CancellationToken cancellationToken
    ) => EndAsync(vms, request, timeout => vms.RestartAsync(id, timeout), cancellationToken);

    /// <summary>A change that ends the guest, with the time that the body leaves it.</summary>
    private static async Task<Results<Accepted<Vm>, ProblemResult>> EndAsync(
        VmLifecycle vms,
        HttpRequest request,
        Func<TimeSpan?, Task<VmOutcome>> change,
        CancellationToken cancellationToken
    )
    {
        var (timeout, problem) = await ReadTimeoutAsync(request, cancellationToken);
        return problem is not null
            ? problem
            : await ChangeAsync(vms, request, () => change(timeout), cancellationToken);
    }

    private static async Task<Results<Accepted<Vm>, ProblemResult>> ChangeAsync(
        VmLifecycle vms,
        HttpRequest request,
        Func<Task<VmOutcome>> change,
        CancellationToken cancellationToken
    )
    {
        if (RequestHeaders.ReadWait(request, out var wait) is { } badWait)
            return badWait;
        var outcome = await change();
        if (outcome is not VmOutcome.Accepted accepted)
            return Problems.From(outcome);
        return await SettleAsync(vms, accepted.Vm, wait, request, cancellationToken) is { } settled
            ? TypedResults.Accepted($"/api/v1/vms/{settled.Id}", Mapping.Vm(settled, vms))
            : Problems.NotFound("VM", accepted.Vm.Id);
    }

    /// <summary>The VM as it is after the wait that was asked for; null when it is gone by then.</summary>
    private static async Task<VmRecord?> SettleAsync(
        VmLifecycle vms,
        VmRecord vm,
        TimeSpan? wait,
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        if (wait is not { } atMost)
            return vm;
        RequestHeaders.SayWaited(request.HttpContext.Response, atMost);
        return await vms.WaitSettledAsync(vm.Id, atMost, cancellationToken);
    }

    private static async Task<(TimeSpan? Timeout, ProblemResult? Problem)> ReadTimeoutAsync(
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadOptionalAsync(request, ContractsJson.Default.StopVmRequest, cancellationToken);
        return body switch
        {
            { Problem: { } problem } => (null, problem),
            { Value.TimeoutSeconds: < 0 or > 3600 } => (
                null,
                Problems.Invalid("timeoutSeconds", $"{body.Value.TimeoutSeconds} is not from 0 to 3600")
            ),
            { Value.TimeoutSeconds: { } seconds } => (TimeSpan.FromSeconds(seconds), null),
            _ => (null, null),
        };
    }

    private static ProblemResult? OutOfScope(CreateVmRequest body, Scope scope)
    {
        if (scope.Owner is not null && body.Owner is { } owner && owner != scope.Owner)
            return Problems.OutOfScope("owner", owner, scope);
        return scope.Pool is not null && body.Pool is { } pool && pool != scope.Pool
            ? Problems.OutOfScope("pool", pool, scope)
            : null;
    }

    /// <summary>The same body of callers with other scopes asks for another VM.</summary>
    private static string HashOf(ReadOnlyMemory<byte> body, Scope scope) =>
        Convert.ToHexStringLower(
            SHA256.HashData(scope.IsEverything ? body.Span : [.. body.Span, .. Encoding.UTF8.GetBytes($"\0{scope}")])
        );

    private static VmRequest Wish(CreateVmRequest body) =>
        new(
            body.Name,
            body.Type,
            body.Image,
            body.Owner,
            body.Labels,
            body.Pool,
            body.Address,
            body.Vcpus,
            body.MemoryMib,
            body.Restart,
            VmPolicyEndpoints.Wish(body.Egress),
            VmPolicyEndpoints.Wish(body.RateLimit),
            body.Ipv6
        );
}
