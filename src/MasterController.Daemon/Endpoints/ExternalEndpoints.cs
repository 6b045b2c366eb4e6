using MasterController.Contracts;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using MasterController.Linux.Addresses;
using Microsoft.AspNetCore.Http.HttpResults;
using ExternalChange = MasterController.Contracts.ExternalChange;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/external</c>.</summary>
internal static class ExternalEndpoints
{
    private static readonly QueryParameter Kind = QueryParameter.OneOf(
        "kind",
        "Only addresses of this kind.",
        [AddressKind.Ipv4, AddressKind.Ipv6]
    );
    private static readonly QueryParameter Vm = QueryParameter.Text("vm", "Only changes of this VM, by id or name.");
    private static readonly QueryParameter Address = QueryParameter.Text(
        "address",
        "Only changes by which a VM got or lost this dedicated address."
    );

    public static void Map(RouteGroupBuilder api)
    {
        var external = api.MapGroup("/external").WithTags("External");
        external
            .MapGet("", StatusAsync)
            .Needs(Role.Viewer)
            .Describe(
                "showExternal",
                "Show what dedicated addresses there are",
                "Where they are taken from, how the provider delivers the prefix, and of each kind how many are used and free."
            )
            .Refuses(503);
        external
            .MapGet("/addresses", Addresses)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe(
                "listDedicatedAddresses",
                "List dedicated addresses",
                "Those that VMs have, and those that cool down, in their order."
            )
            .Query(Kind, Paging.Limit)
            .Refuses(400, 503);
        external
            .MapGet("/history", HistoryAsync)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe(
                "listExternalHistory",
                "List how it was changed how VMs are reached",
                "Newest first; kept for `history.keep_days`. With `address`: who had it when."
            )
            .Query(Vm, Address, Paging.Limit)
            .Refuses(400, 503);
        external
            .MapPost("/history/{id}/rollback", RollBackAsync)
            .Needs(Role.Operator)
            .Describe(
                "rollBackExternal",
                "Take a change of the past back",
                "What was changed besides since then stays. Where what the change made is no longer so, it is refused with "
                    + "all that stands in the way."
            )
            .Body<RollbackExternalRequest>(optional: true)
            .Refuses(400, 404, 409, 413, 415, 503);
    }

    private static async Task<Ok<ExternalStatus>> StatusAsync(
        ExternalDirectory directory,
        Func<ExternalSettings> settings,
        IExternalNetwork external,
        CancellationToken cancellationToken
    )
    {
        var (survey, listeners) = await ReadAsync(external, cancellationToken);
        if (survey is not null)
            directory.Know(survey);
        var current = settings();
        return TypedResults.Ok(
            new ExternalStatus(
                current.Networks.Ipv6?.ToString(),
                ExternalMapping.Of(survey?.Delivery),
                survey?.Why,
                [.. current.Networks.Ipv4.Select(n => n.ToString())],
                $"{current.ForwardPorts.First}-{current.ForwardPorts.Last}",
                [.. directory.Counts(listeners).Select(ExternalMapping.Count)]
            )
        );
    }

    /// <summary>What the controller itself knows is shown also where the host cannot be read.</summary>
    private static async Task<(ExternalSurvey? Survey, IReadOnlyList<HostListener> Listeners)> ReadAsync(
        IExternalNetwork external,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (
                await external.SurveyExternalAsync(cancellationToken),
                await external.ReadListenersAsync(cancellationToken)
            );
        }
        catch (HostNetworkException)
        {
            return (null, []);
        }
    }

    private static Results<Ok<DedicatedAddressList>, ProblemResult> Addresses(
        HttpRequest request,
        ExternalDirectory directory,
        VmLifecycle vms
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var kind = query.Text(Kind);
        var scope = request.HttpContext.Scope();
        ExternalLease[] all =
        [
            .. directory
                .Leases.Where(l => kind is null || AddressKind.Of(l.Address) == kind)
                .Where(l => scope.IsEverything || (vms.Find(l.Vm) is { } vm && scope.Has(vm))),
        ];
        return TypedResults.Ok(
            new DedicatedAddressList(
                [
                    .. all.Take(query.Integer(Paging.Limit))
                        .Select(l => ExternalMapping.Address(l, vms.Find(l.Vm)?.Name, directory.UntilOf(l))),
                ],
                all.Length
            )
        );
    }

    private static async Task<Results<Ok<ExternalChangeList>, ProblemResult>> HistoryAsync(
        HttpRequest request,
        IStateHistory history,
        VmLifecycle vms,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        IpAddress? address = null;
        if (query.Text(Address) is { } text)
        {
            if (!IpAddress.TryParse(text, out var parsed))
                return Problems.Invalid("address", $"\"{text}\" is neither an IPv4 nor an IPv6 address");
            address = parsed;
        }
        // One that is gone is known by its id.
        var vm = query.Text(Vm) is { } name ? vms.Find(name)?.Id ?? name : null;
        var scope = request.HttpContext.Scope();
        if (!scope.IsEverything && !(vm is not null && vms.Find(vm) is { } known && scope.Has(known)))
            return Problems.OutOfScope(Vm.Name, query.Text(Vm), scope);
        var past = await history.ReadExternalChangesAsync(vm, address, query.Integer(Paging.Limit), cancellationToken);
        return TypedResults.Ok(new ExternalChangeList([.. past.Items.Select(ExternalMapping.Change)], past.Total));
    }

    private static async Task<Results<Ok<ExternalChange>, ProblemResult>> RollBackAsync(
        string id,
        HttpRequest request,
        ExternalChanges changes,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadOptionalAsync(
            request,
            ContractsJson.Default.RollbackExternalRequest,
            cancellationToken
        );
        return body is { Problem: { } problem }
            ? problem
            : await VmExternalEndpoints.AnswerAsync(() =>
                changes.RollBackAsync(id, body.Value?.Plan == true, cancellationToken)
            );
    }
}
