namespace MasterController.Core.Addressing;

/// <summary>A pool as an operator writes it, unchecked; <see cref="PoolDirectory.CreateAsync"/> checks it.</summary>
/// <param name="Network">"routed" when left out, or "bridge".</param>
public sealed record PoolRequest(
    string Name,
    IReadOnlyList<RangeRequest> Ranges,
    TimeSpan? Cooldown = null,
    string? Strategy = null,
    bool AllowVmToVm = false,
    bool AllowEarlyReuse = false,
    string? Network = null
);

/// <summary>
/// Defaults: the gateway is network+1, the first address network+2, the last broadcast−1;
/// /31 and /32 have no gateway and lease all they have.
/// </summary>
public sealed record RangeRequest(
    string Cidr,
    string? First = null,
    string? Last = null,
    string? Gateway = null,
    IReadOnlyList<string>? Reservations = null
);
