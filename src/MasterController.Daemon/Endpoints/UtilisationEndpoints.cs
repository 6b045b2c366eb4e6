using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.Utilisation;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using MasterController.Linux.Addresses;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary>How full a pool is: <c>/api/v1/pools/{pool}/stats</c>, <c>subnets</c>, <c>free</c> and <c>utilisation</c>.</summary>
internal static class UtilisationEndpoints
{
    private const string MinuteName = "minute";
    private const string HourName = "hour";

    internal static readonly QueryParameter Top = QueryParameter.Integer(
        "top",
        "How many /24s are listed as the top and as the bottom.",
        least: 0,
        most: 1000,
        byDefault: 10
    );

    private static readonly QueryParameter Range = QueryParameter.Text(
        "range",
        "Only /24s that reach into this network, counted as far as they do; the whole pool when left out."
    );

    private static readonly QueryParameter Network = QueryParameter.Text(
        "network",
        "What is shown; the smallest network of an even prefix length around all ranges when left out."
    );

    private static readonly QueryParameter Untouched = QueryParameter.Boolean(
        "untouched",
        "Also list /24s without an address that is used or cooling."
    );

    private static readonly QueryParameter From = QueryParameter.Time(
        "from",
        "The first time, RFC 3339; 24 hours before `to` when left out."
    );

    private static readonly QueryParameter To = QueryParameter.Time(
        "to",
        "The last time, RFC 3339; now when left out."
    );

    private static readonly QueryParameter Interval = QueryParameter.OneOf(
        "interval",
        "How far samples are apart; by minute when left out where minutes are kept for all of the time, else by hour.",
        [MinuteName, HourName]
    );

    public static void Map(RouteGroupBuilder api)
    {
        var pool = api.MapGroup("/pools/{pool}").WithTags("Pools");
        pool.MapGet("/stats", StatsAsync)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Pool)
            .Describe(
                "showPoolStats",
                "Show how full a pool is",
                "Of the pool, its ranges and its fullest and emptiest /24s, with a forecast."
            )
            .Query(Top)
            .Refuses(400, 404, 503);
        pool.MapGet("/subnets", Subnets)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Pool)
            .Describe("listPoolSubnets", "List the /24s of a pool", "In address order.")
            .Query(Range, Untouched, Paging.Limit, Paging.Cursor)
            .Refuses(400, 404, 503);
        pool.MapGet("/free", Free)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Pool)
            .Describe("showPoolFree", "Show what of a pool is free", "As stretches, lowest first, and what is next.")
            .Query(Paging.Limit)
            .Refuses(400, 404, 503);
        pool.MapGet("/map", ShowMap)
            .Describe(
                "showPoolMap",
                "Show what each address of a pool does, for drawing",
                "A byte a cell: addresses in a network of /16 or smaller, /24s up to a /8, else /16s."
            )
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Pool)
            .Query(Network)
            .Refuses(400, 404, 503);
        pool.MapGet("/utilisation", UtilisationAsync)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Pool)
            .Describe(
                "listPoolUtilisation",
                "List how full a pool was",
                "Minutes are kept for a day, hours for a year."
            )
            .Query(From, To, Interval)
            .Refuses(400, 404, 503);
    }

    private static async Task<Results<Ok<PoolStats>, ProblemResult>> StatsAsync(
        string pool,
        HttpRequest request,
        PoolDirectory pools,
        UtilisationHistory history,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        if (pools.Use(pool, query.Integer(Top)) is not { } use)
            return Problems.NotFound("pool", pool);
        var forecast = await history.ForecastAsync(pool, use.Counts, cancellationToken);
        return TypedResults.Ok(UtilisationMapping.Stats(use, forecast));
    }

    private static Results<Ok<SubnetList>, ProblemResult> Subnets(string pool, HttpRequest request, PoolDirectory pools)
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var within = new Ipv4Network(default, 0);
        if (query.Text(Range) is { } cidr && !Ipv4Network.TryParse(cidr, out within, out var error))
            return Problems.Invalid(Range.Name, error);
        var from = default(Ipv4Address);
        if (query.Text(Paging.Cursor) is { } cursor && !Ipv4Address.TryParse(cursor, out from))
            return Paging.Invalid(cursor);
        if (pools.Subnets(pool, within, from, query.Integer(Paging.Limit), query.Boolean(Untouched)) is not { } page)
            return Problems.NotFound("pool", pool);
        if (page.Subnets == 0)
            return Problems.Invalid(
                Range.Name,
                $"no address of the pool \"{pool}\" lies in {within}; its ranges are "
                    + string.Join(", ", pools.Find(pool)?.Ranges.Select(r => $"{r.Network} ({r.First}–{r.Last})") ?? [])
            );
        return TypedResults.Ok(
            new SubnetList([.. page.Items.Select(UtilisationMapping.Subnet)], page.Subnets, page.Next?.ToString())
        );
    }

    private static Results<Ok<AddressMap>, ProblemResult> ShowMap(string pool, HttpRequest request, PoolDirectory pools)
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        Ipv4Network? network = null;
        if (query.Text(Network) is { } cidr)
        {
            if (!Ipv4Network.TryParse(cidr, out var wanted, out var error))
                return Problems.Invalid(Network.Name, error);
            network = wanted;
        }
        return pools.Map(pool, network) is { } map
            ? TypedResults.Ok(
                new AddressMap(
                    pool,
                    map.Time,
                    map.Network.ToString(),
                    map.CellPrefix,
                    Convert.ToBase64String(map.Cells)
                )
            )
            : Problems.NotFound("pool", pool);
    }

    private static Results<Ok<FreeAddresses>, ProblemResult> Free(string pool, HttpRequest request, PoolDirectory pools)
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        return pools.FreeSpace(pool, query.Integer(Paging.Limit)) is { } free
            ? TypedResults.Ok(UtilisationMapping.Free(free))
            : Problems.NotFound("pool", pool);
    }

    private static async Task<Results<Ok<UtilisationSeries>, ProblemResult>> UtilisationAsync(
        string pool,
        HttpRequest request,
        PoolDirectory pools,
        UtilisationHistory history,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        var now = clock.GetUtcNow();
        var to = query.Time(To)?.ToUniversalTime() ?? now;
        var from = query.Time(From)?.ToUniversalTime() ?? Before(to);
        if (to < from)
            return Problems.Invalid(To.Name, $"{to:O} lies before {From.Name}, which is {from:O}");
        if (pools.Find(pool) is null)
            return Problems.NotFound("pool", pool);

        // Of the last 24 hours exactly, the first minute may be gone already.
        var hasMinutes = now - from <= UtilisationSampler.MinutesKept + TimeSpan.FromMinutes(1);
        var interval = query.Text(Interval) ?? (hasMinutes ? MinuteName : HourName);
        var samples = await history.ReadAsync(
            pool,
            interval == MinuteName ? SampleInterval.Minute : SampleInterval.Hour,
            from,
            to,
            cancellationToken
        );
        return TypedResults.Ok(
            new UtilisationSeries(pool, interval, from, to, [.. samples.Select(UtilisationMapping.Point)])
        );
    }

    private static DateTimeOffset Before(DateTimeOffset to) =>
        to - DateTimeOffset.MinValue > UtilisationSampler.MinutesKept
            ? to - UtilisationSampler.MinutesKept
            : DateTimeOffset.MinValue;
}
