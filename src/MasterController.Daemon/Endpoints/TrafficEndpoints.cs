using MasterController.Contracts;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using MasterController.Linux.Netlink;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary>What VMs have sent and been given: <c>/api/v1/network/traffic</c> and <c>/api/v1/vms/{id}/traffic</c>.</summary>
internal static class TrafficEndpoints
{
    private const string Both = "both";
    private const string In = "in";
    private const string Out = "out";

    private static readonly QueryParameter Sort = QueryParameter.OneOf(
        "sort",
        "By the bytes of which direction VMs are ordered; `both` when left out.",
        [Both, In, Out]
    );

    private static readonly QueryParameter Limit = QueryParameter.Integer(
        "limit",
        "How many VMs are listed; the sums are of all.",
        least: 0,
        most: 100_000,
        byDefault: 20
    );

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/network/traffic", ListAsync)
            .WithTags("Network")
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe(
                "showTraffic",
                "Show the traffic of all VMs",
                "Bytes and packets since each VM started, those with the most first, and their sums."
            )
            .Query(Sort, Limit)
            .Refuses(400, 503);
        api.MapGet("/vms/{id}/traffic", ShowAsync)
            .WithTags("VMs")
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Vm)
            .Describe("showVmTraffic", "Show the traffic of a VM", "Bytes and packets since it started.")
            .Refuses(404, 503);
    }

    private static async Task<Results<Ok<NetworkTraffic>, ProblemResult>> ListAsync(
        HttpRequest request,
        IHostNetwork network,
        VmLifecycle vms,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var counted = await network.ReadTrafficAsync(cancellationToken);
        var (sumIn, sumOut) = (default(LinkCounters), default(LinkCounters));
        var attached = new List<(VmRecord Vm, GuestTraffic Traffic)>(counted.Count);
        foreach (var vm in vms.All.Where(request.HttpContext.Scope().Has))
            if (counted.TryGetValue(vm.Address, out var traffic))
            {
                attached.Add((vm, traffic));
                sumIn += traffic.In;
                sumOut += traffic.Out;
            }
        Func<GuestTraffic, long> bytes = query.Text(Sort) switch
        {
            In => traffic => traffic.In.Bytes,
            Out => traffic => traffic.Out.Bytes,
            _ => traffic => traffic.In.Bytes + traffic.Out.Bytes,
        };
        return TypedResults.Ok(
            new NetworkTraffic(
                clock.GetUtcNow(),
                attached.Count,
                Counters(sumIn),
                Counters(sumOut),
                [
                    .. attached
                        .OrderByDescending(item => bytes(item.Traffic))
                        .ThenBy(item => item.Vm.Address)
                        .Take(query.Integer(Limit))
                        .Select(item => Of(item.Vm, item.Traffic)),
                ]
            )
        );
    }

    private static async Task<Results<Ok<VmTraffic>, ProblemResult>> ShowAsync(
        string id,
        IHostNetwork network,
        VmLifecycle vms,
        CancellationToken cancellationToken
    ) =>
        vms.Find(id) is { } vm
            ? TypedResults.Ok(Of(vm, await network.ReadTrafficAsync(VmRuntime.AttachmentOf(vm), cancellationToken)))
            : Problems.NotFound("VM", id);

    private static VmTraffic Of(VmRecord vm, GuestTraffic? traffic) =>
        new(
            vm.Id,
            vm.Name,
            vm.Address.ToString(),
            traffic is { } read ? Counters(read.In) : null,
            traffic is { } same ? Counters(same.Out) : null
        );

    private static TrafficCounters Counters(LinkCounters counters) =>
        new(counters.Packets, counters.Bytes, counters.Dropped);
}
