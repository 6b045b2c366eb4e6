namespace MasterController.Contracts;

/// <summary>Body of <c>POST /api/v1/pools</c>.</summary>
/// <param name="CooldownSeconds">0 to 86400; 30 when left out.</param>
/// <param name="Strategy">"lowest-free" when left out, "next", "random" or "least-recently-used".</param>
/// <param name="AllowEarlyReuse">
/// Whether an exhausted pool gives the address that has cooled longest to another owner before its time; false when left
/// out.
/// </param>
/// <param name="Network">"routed" when left out, or "bridge"; cannot be changed later.</param>
public sealed record CreatePoolRequest(
    string? Name = null,
    IReadOnlyList<PoolRangeRequest>? Ranges = null,
    int? CooldownSeconds = null,
    string? Strategy = null,
    bool? AllowVmToVm = null,
    bool? AllowEarlyReuse = null,
    string? Network = null
);

/// <param name="Gateway">network+1 when left out.</param>
/// <param name="First">network+2 when left out.</param>
/// <param name="Last">broadcast−1 when left out.</param>
/// <param name="Reservations">Addresses or sub-networks that are never leased automatically.</param>
public sealed record PoolRangeRequest(
    string? Cidr = null,
    string? First = null,
    string? Last = null,
    string? Gateway = null,
    IReadOnlyList<string>? Reservations = null
);

/// <summary>total = used + cooling + reserved + free. Free addresses that drain count as reserved.</summary>
/// <param name="Network">How its VMs are connected to the host: "routed" or "bridge".</param>
/// <param name="AwaitsConfirmation">The operation that is rolled back unless it is confirmed; null where there is none.</param>
public sealed record Pool(
    string Name,
    IReadOnlyList<PoolRange> Ranges,
    long Total,
    long Used,
    long Cooling,
    long Reserved,
    long Free,
    int CooldownSeconds,
    string Strategy,
    bool AllowVmToVm,
    bool AllowEarlyReuse,
    IReadOnlyList<PoolKeptGateway> KeptGateways,
    IReadOnlyList<PoolDrain> Drains,
    string? AwaitsConfirmation,
    long Version,
    string Network
);

public sealed record PoolRange(
    string Cidr,
    string First,
    string Last,
    string? Gateway,
    IReadOnlyList<string> Reservations
);

public sealed record PoolList(IReadOnlyList<Pool> Items);

/// <summary>Body of <c>POST /api/v1/pools/{pool}/leases</c>.</summary>
/// <param name="Owner">The caller's key; the same key gets the same lease again.</param>
public sealed record CreateLeaseRequest(string? Owner = null, string? Address = null);

/// <param name="Network">The range's network, for the guest's mask.</param>
public sealed record Lease(
    string Address,
    string Owner,
    string Pool,
    string Network,
    string? Gateway,
    DateTimeOffset Since
);

public sealed record LeaseList(IReadOnlyList<Lease> Items, int Total, string? Next);
