using MasterController.Contracts;
using MasterController.Core.AddressHistory;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using MasterController.Linux.Addresses;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/addresses</c>.</summary>
internal static class AddressEndpoints
{
    private static readonly QueryParameter At = QueryParameter.Time(
        "at",
        "A time (ISO 8601, UTC without an offset): adds what the address was then, and leaves out what came later."
    );

    private static readonly QueryParameter Limit = QueryParameter.Integer(
        "limit",
        "How many entries there are at most, of the newest.",
        least: 1,
        most: 1000,
        byDefault: 100
    );

    public static void Map(RouteGroupBuilder api)
    {
        var addresses = api.MapGroup("/addresses/{address}").WithTags("Addresses");
        addresses
            .MapGet("", ExplainAsync)
            .Needs(Role.Viewer)
            .Describe(
                "explainAddress",
                "Say what an address is and why",
                "Of any IPv4 address: its state, who has it since when, why it cannot be leased, and what the kernel has "
                    + "for it."
            )
            .Refuses(400, 503);
        addresses
            .MapGet("/history", PastAsync)
            .Needs(Role.Viewer)
            .Describe(
                "addressHistory",
                "Say who has had an address",
                "Its leases, and the changes of its pool that made something else of it, in time order. Leases that ended "
                    + "longer ago than `history.keep_days` are forgotten."
            )
            .Query(At, Limit)
            .Refuses(400, 503);
    }

    private static async Task<Results<Ok<AddressInfo>, ProblemResult>> ExplainAsync(
        string address,
        AddressExplainer explainer,
        CancellationToken cancellationToken
    ) =>
        Ipv4Address.TryParse(address, out var wanted)
            ? TypedResults.Ok(AddressMapping.Info(await explainer.ExplainAsync(wanted, cancellationToken)))
            : NotAnAddress(address);

    private static async Task<Results<Ok<AddressHistoryList>, ProblemResult>> PastAsync(
        string address,
        HttpRequest request,
        AddressExplainer explainer,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (!Ipv4Address.TryParse(address, out var wanted))
            return NotAnAddress(address);
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var at = query.Time(At);
        if (at > clock.GetUtcNow())
            return Problems.Invalid(At.Name, $"{query.Text(At)} has not come yet");
        var past = await explainer.PastAsync(wanted, at, query.Integer(Limit), cancellationToken);
        return TypedResults.Ok(AddressMapping.History(wanted, past, explainer.NameOf));
    }

    private static ProblemResult NotAnAddress(string text) =>
        Problems.Invalid("address", $"\"{text}\" is not an IPv4 address");
}
