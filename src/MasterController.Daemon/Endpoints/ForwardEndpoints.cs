using MasterController.Contracts;
using MasterController.Core.External;
using MasterController.Core.Vms;
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
        var forwards = api.MapGroup("/forwards").WithTags("External");
        forwards
            .MapGet("", List)
            .Describe("listForwards", "List port forwards", "In the order of the host's ports.")
            .Query(Vm, Paging.Limit)
            .Refuses(400, 404, 503);
        forwards
            .MapPost("", AddAsync)
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
            .Describe("deleteForward", "End a port forward", "Conversations through it end at once.")
            .Query(VmExternalEndpoints.Plan)
            .Refuses(400, 404, 409, 503);
    }

    private static Results<Ok<ForwardList>, ProblemResult> List(HttpRequest request, VmLifecycle vms)
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        IReadOnlyList<VmRecord> of = vms.All;
        if (query.Text(Vm) is { } name)
        {
            if (vms.Find(name) is not { } found)
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
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.AddForwardRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        var wish = body.Value!;
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
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        return query.Problem is { } problem
            ? problem
            : await VmExternalEndpoints.AnswerAsync(() =>
                changes.DeleteForwardAsync(id, query.Boolean(VmExternalEndpoints.Plan), cancellationToken)
            );
    }
}
