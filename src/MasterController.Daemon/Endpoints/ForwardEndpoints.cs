using MasterController.Contracts;
using MasterController.Core.External;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using ExternalChange = MasterController.Contracts.ExternalChange;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/forwards</c>.</summary>
internal static class ForwardEndpoints
{
    private static readonly QueryParameter Vm = QueryParameter.Text("vm", "Only those of this VM, by id or name.");

    public static void Map(RouteGroupBuilder api)
    {
        var forwards = api.MapGroup("/forwards").WithTags("External").WithMetadata(AuditSubject.Forward);
        forwards
            .MapGet("", List)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe("listForwards", "List port forwards", "In the order of the host's ports.")
            .Query(Vm, Paging.Limit)
            .Refuses(400, 404, 503);
        forwards
            .MapPost("", AddAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Handler)
            .Describe(
                "addForward",
                "Make ports of the host lead to a VM",
                "As many as of the guest, one by one; free ones of `external.forward_ports` where none are named. Refused "
                    + "where a program of the host listens, or another forward has one of them. In force when this answers."
            )
            .Body<AddForwardRequest>()
            .Refuses(400, 404, 409, 413, 415, 503);
        forwards
            .MapDelete("/{id}", DeleteAsync)
            .Needs(Role.Operator)
            .Scoped(ScopePart.Handler)
            .Describe("deleteForward", "End a port forward", "Conversations through it end at once.")
            .Query(VmExternalEndpoints.Plan)
            .Refuses(400, 404, 409, 503);
    }

    private static Results<Ok<ForwardList>, ProblemResult> List(HttpRequest request, VmLifecycle vms)
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var scope = request.HttpContext.Scope();
        IEnumerable<VmRecord> of = vms.All.Where(scope.Has);
        if (query.Text(Vm) is { } name)
        {
            if (vms.Find(name) is not { } found || !scope.Has(found))
                return Problems.NotFound("VM", name);
            of = [found];
        }
        (VmRecord Vm, Core.HostNetwork.Dedicated.PortForward Forward)[] all =
        [
            .. of.SelectMany(vm => (vm.External?.Forwards ?? []).Select(f => (vm, f)))
                .OrderBy(f => f.f.HostPorts.First)
                .ThenBy(f => f.f.Protocol)
                .ThenBy(f => f.f.HostAddress?.Value ?? 0),
        ];
        return TypedResults.Ok(
            new ForwardList(
                [
                    .. all.Take(query.Integer(Paging.Limit))
                        .Select(f => ExternalMapping.Forward(f.Forward, f.Vm.Id, f.Vm.Name, f.Vm.Address)),
                ],
                all.Length
            )
        );
    }

    private static async Task<Results<Ok<ExternalChange>, ProblemResult>> AddAsync(
        HttpRequest request,
        ExternalChanges changes,
        VmLifecycle vms,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.AddForwardRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        var wish = body.Value!;
        var scope = request.HttpContext.Scope();
        if (!scope.IsEverything && wish.Vm is { } name)
        {
            if (vms.Find(name) is not { } vm || !scope.Has(vm))
                return Problems.NotFound("VM", name);
            // From here on by its id: the name may become another's.
            wish = wish with
            {
                Vm = vm.Id,
            };
        }
        return await VmExternalEndpoints.AnswerAsync(() =>
            changes.AddForwardAsync(
                new ForwardRequest(
                    wish.Vm,
                    wish.GuestPorts,
                    wish.HostPorts,
                    wish.HostAddress,
                    wish.Protocol,
                    wish.From
                ),
                wish.Plan == true,
                cancellationToken
            )
        );
    }

    private static async Task<Results<Ok<ExternalChange>, ProblemResult>> DeleteAsync(
        string id,
        HttpRequest request,
        ExternalChanges changes,
        VmLifecycle vms,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        return
            request.HttpContext.Scope() is { IsEverything: false } scope && !(VmOf(id, vms) is { } vm && scope.Has(vm))
            ? Problems.NotFound("forward", id)
            : await VmExternalEndpoints.AnswerAsync(() =>
                changes.DeleteForwardAsync(id, query.Boolean(VmExternalEndpoints.Plan), cancellationToken)
            );
    }

    /// <summary>The VM that a forward leads to.</summary>
    internal static VmRecord? VmOf(string id, VmLifecycle vms) =>
        vms.All.FirstOrDefault(vm => vm.External?.Forwards.Any(f => f.Id == id) == true);
}
