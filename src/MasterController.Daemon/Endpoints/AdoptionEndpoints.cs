using System.Diagnostics;
using MasterController.Contracts;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/network/adoption</c>.</summary>
internal static class AdoptionEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var adoption = api.MapGroup("/network/adoption").WithTags("Network");
        adoption
            .MapGet("", PlanAsync)
            .Needs(Role.Viewer)
            .Describe("planAdoption", "What adopting an older controller's bridge would do", "Changes nothing.")
            .Refuses(503);
        adoption
            .MapPost("", AdoptAsync)
            .Needs(Role.Admin)
            .Describe(
                "adopt",
                "Adopt an older controller's bridge",
                "Leases the addresses of its guests and marks bridge and TAPs; traffic goes on. May be repeated."
            )
            .Refuses(409, 503);
    }

    private static async Task<Ok<Adoption>> PlanAsync(BridgeAdoption adoption, CancellationToken cancellationToken) =>
        TypedResults.Ok(Shown(await adoption.PlanAsync(cancellationToken)));

    private static async Task<Results<Ok<Adoption>, ProblemResult>> AdoptAsync(
        BridgeAdoption adoption,
        IHostNetwork network,
        CancellationToken cancellationToken
    ) =>
        network.CanAttach
            ? TypedResults.Ok(Shown(await adoption.AdoptAsync(cancellationToken)))
            : Problems.From(new VmOutcome.NetworkModeNone());

    private static Adoption Shown(AdoptionPlan plan) =>
        new(
            plan.Bridge switch
            {
                BridgeOwner.Nobody => "none",
                BridgeOwner.Us => "ours",
                BridgeOwner.Others => "others",
                BridgeOwner.NotABridge => "not-a-bridge",
                _ => throw new UnreachableException(),
            },
            [.. plan.Ports.Select(Shown)],
            [.. plan.Changes.Select(PlanMapping.Change)],
            [.. plan.Ended.Select(lease => new EndedAdoption(lease.Address.ToString(), lease.Owner, lease.Pool))]
        );

    private static AdoptionPort Shown(PlannedAdoption planned) =>
        new(
            planned.Port.Name,
            planned.Action switch
            {
                AdoptionAction.Adopt => "adopt",
                AdoptionAction.Keep => "adopted",
                AdoptionAction.Leave => "leave",
                _ => throw new UnreachableException(),
            },
            planned.Port.Mac?.ToString(),
            planned.Port.Address?.ToString(),
            planned.Action == AdoptionAction.Leave ? null : planned.Pool,
            planned.Port.User?.Pid,
            planned.Port.User?.Command,
            planned.Reason
        );
}
