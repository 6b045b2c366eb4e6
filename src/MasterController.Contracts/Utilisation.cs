namespace MasterController.Contracts;

/// <summary>
/// <c>GET /api/v1/pools/{pool}/stats</c>: what the addresses of a pool do. At every level
/// total = used + cooling + reserved + free.
/// </summary>
/// <param name="Exact">
/// Whether all counts are of one instant; a pool of more than 65,536 addresses may be counted piece by piece, each /24 at
/// one instant.
/// </param>
/// <param name="Subnets">How many /24s the pool reaches into.</param>
/// <param name="UntouchedSubnets">How many of them have no address used or cooling; they are in neither list.</param>
/// <param name="Top">The /24s with the largest share of used addresses (of total), largest first.</param>
/// <param name="Bottom">Those with the smallest, smallest first; none that is among the top.</param>
/// <param name="Forecast">At the rate of the last hour, day and week.</param>
public sealed record PoolStats(
    string Pool,
    DateTimeOffset Time,
    long Total,
    long Used,
    long Cooling,
    long Reserved,
    long Free,
    bool Exact,
    long Subnets,
    long UntouchedSubnets,
    IReadOnlyList<RangeStats> Ranges,
    IReadOnlyList<SubnetStats> Top,
    IReadOnlyList<SubnetStats> Bottom,
    IReadOnlyList<PoolForecast> Forecast
);

/// <param name="Subnets">How many /24s the range reaches into.</param>
/// <param name="UntouchedSubnets">How many of them have no address used or cooling.</param>
public sealed record RangeStats(
    string Cidr,
    string First,
    string Last,
    long Total,
    long Used,
    long Cooling,
    long Reserved,
    long Free,
    long Subnets,
    long UntouchedSubnets
);

/// <param name="Cidr">A /24.</param>
/// <param name="Total">How many of the pool's addresses lie in it.</param>
public sealed record SubnetStats(string Cidr, long Total, long Used, long Cooling, long Reserved, long Free);

/// <summary>When the pool is full if it goes on as it did; used addresses against what is free now.</summary>
/// <param name="Window">"hour", "day" or "week": the time before now that the rate is of.</param>
/// <param name="Outcome">
/// "full-at"; "full": nothing is free already; "never": not at this rate; "too-few-samples": those of the window are not
/// half of it apart.
/// </param>
/// <param name="PerHour">Used addresses gained an hour; null with too few samples.</param>
/// <param name="FullAt">Null but for "full-at".</param>
/// <param name="FirstSample">For "too-few-samples": the first of the window; null where there is none.</param>
public sealed record PoolForecast(
    string Window,
    string Outcome,
    double? PerHour,
    DateTimeOffset? FullAt,
    DateTimeOffset? FirstSample
);

/// <summary>A page of <c>GET /api/v1/pools/{pool}/subnets</c>.</summary>
/// <param name="Subnets">How many /24s there are in all that was asked for, untouched ones among them.</param>
public sealed record SubnetList(IReadOnlyList<SubnetStats> Items, long Subnets, string? Next);

/// <summary><c>GET /api/v1/pools/{pool}/free</c>: the lowest free addresses as stretches.</summary>
/// <param name="Next">What an owner who is new to the pool would be given now.</param>
/// <param name="NextReason">Why there is no next: nothing is free, or the strategy is "random".</param>
/// <param name="More">How many more stretches there are.</param>
public sealed record FreeAddresses(
    string Pool,
    DateTimeOffset Time,
    long Free,
    long Total,
    string Strategy,
    string? Next,
    string? NextReason,
    IReadOnlyList<FreeStretch> Items,
    long More
);

/// <summary>Free addresses from first to last, both inclusive and of one range of the pool.</summary>
public sealed record FreeStretch(string First, string Last, long Count);

/// <summary><c>GET /api/v1/pools/{pool}/utilisation</c>: samples from one time to another, both inclusive.</summary>
/// <param name="Interval">"minute" (kept for a day) or "hour" (kept for a year).</param>
/// <param name="Items">Oldest first; a time at which the controller did not run has none.</param>
public sealed record UtilisationSeries(
    string Pool,
    string Interval,
    DateTimeOffset From,
    DateTimeOffset To,
    IReadOnlyList<UtilisationPoint> Items
);

public sealed record UtilisationPoint(
    DateTimeOffset Time,
    long Total,
    long Used,
    long Cooling,
    long Reserved,
    long Free
);
