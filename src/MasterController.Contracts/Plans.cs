namespace MasterController.Contracts;

/// <summary>Body of <c>POST /api/v1/pools/{pool}/plans</c>: what is to be changed. 201 with the plan; nothing is changed.</summary>
/// <param name="Action">
/// "expand", "shrink", "add-range", "remove-range", "drain", "undrain", "reserve", "unreserve" or "rollback".
/// </param>
/// <param name="Cidr">The network, or for reservations the address, that it is about; not for "rollback".</param>
/// <param name="First">First address to lease, for "expand", "shrink" and "add-range"; network+2 when left out.</param>
/// <param name="Last">Last address to lease, likewise; broadcast−1 when left out.</param>
/// <param name="Gateway">For the same; network+1 when left out.</param>
/// <param name="Reservations">For the same: addresses or sub-networks that are not leased.</param>
/// <param name="Version">For "rollback"; the version before the last change when left out.</param>
/// <param name="Drain">For "shrink", "remove-range" and "rollback": wait for leases that stand in the way.</param>
public sealed record CreatePlanRequest(
    string? Action = null,
    string? Cidr = null,
    string? First = null,
    string? Last = null,
    string? Gateway = null,
    IReadOnlyList<string>? Reservations = null,
    long? Version = null,
    bool? Drain = null
);

/// <summary>What a change of a pool would do, worked out without doing it.</summary>
/// <param name="Summary">One sentence for a person.</param>
/// <param name="Version">Of the pool, against which it was worked out; applied to another one, it is refused.</param>
/// <param name="Changes">Of the host, in the order in which they are made.</param>
/// <param name="Conflicts">What has to be out of the way first; with any, the plan cannot be applied.</param>
/// <param name="Warnings">Limits that so many VMs would hit, and what else an operator ought to know.</param>
/// <param name="VmsTouched">VMs that are restarted or changed; 0.</param>
/// <param name="LeasesOutside">
/// Leases that lie outside of what the pool would become, in address order; waited for when the plan drains, else a
/// conflict. The first 1000; <paramref name="LeasesOutsideCount"/> counts all.
/// </param>
/// <param name="Steps">Of the operation that applies it.</param>
public sealed record PoolPlan(
    string Id,
    string Pool,
    string Action,
    string Summary,
    long Version,
    DateTimeOffset CreatedAt,
    PlanCapacity Capacity,
    IReadOnlyList<PoolRange> RangesBefore,
    IReadOnlyList<PoolRange> RangesAfter,
    IReadOnlyList<PlanGateway> Gateways,
    IReadOnlyList<PlanChange> Changes,
    IReadOnlyList<PlanNotice> Conflicts,
    IReadOnlyList<PlanNotice> Warnings,
    int VmsTouched,
    IReadOnlyList<Lease> LeasesOutside,
    int LeasesOutsideCount,
    IReadOnlyList<string> Steps,
    bool Applicable
);

/// <summary>Addresses that can be leased: those of all ranges less what is reserved.</summary>
/// <param name="WhileGatewaysKept">After the change, for as long as former gateways are kept.</param>
public sealed record PlanCapacity(long Before, long After, long WhileGatewaysKept);

/// <param name="Change">"add", "keep" or "remove".</param>
/// <param name="Users">VMs and leases that were told of this gateway, for one that is kept; at most 20 are named.</param>
public sealed record PlanGateway(string Address, string Change, IReadOnlyList<string> Users, int UserCount);

/// <param name="Object">"address", "nftables", "route", "sysctl", "iptables" or "file".</param>
/// <param name="Kind">"add", "change" or "remove".</param>
/// <param name="Command">What a person would type for the same.</param>
public sealed record PlanChange(string Object, string Kind, string Text, string Command);

/// <param name="Code">Stable: "overlap", "leases-outside", "conntrack", "memory", …</param>
/// <param name="Fix">One line.</param>
public sealed record PlanNotice(string Code, string Message, string? Fix);

/// <summary>Body of <c>POST /api/v1/pools/{pool}/plans/{id}/apply</c>; it may be left out. 202 with the operation.</summary>
/// <param name="ConfirmWithinSeconds">
/// Rolled back unless <c>POST /api/v1/pools/{pool}/confirm</c> arrives so soon after the change is proven; 10 to 86400.
/// </param>
public sealed record ApplyPlanRequest(int? ConfirmWithinSeconds = null);

/// <summary><c>GET /api/v1/pools/{pool}/history</c>: every definition that the pool has had, oldest first.</summary>
public sealed record PoolVersionList(IReadOnlyList<PoolVersion> Items);

/// <param name="Action">"create", the action of a plan, or "retire-gateway".</param>
/// <param name="Operation">The operation that made it; null where none did.</param>
/// <param name="Capacity">Addresses that could be leased.</param>
/// <param name="Current">Whether it is the pool's present one.</param>
/// <param name="By">Who asked for it: an actor of the audit log, or "controller".</param>
public sealed record PoolVersion(
    long Version,
    DateTimeOffset Time,
    string Action,
    string? Operation,
    IReadOnlyList<PoolRange> Ranges,
    IReadOnlyList<string> KeptGateways,
    long Capacity,
    bool Current,
    string By = "controller"
);

/// <summary>A former gateway that is answered and not leased for as long as someone uses it.</summary>
/// <param name="Users">VMs by name and leases by owner; the first 20.</param>
public sealed record PoolKeptGateway(
    string Address,
    string Network,
    DateTimeOffset Since,
    IReadOnlyList<string> Users,
    int UserCount
);

/// <summary>Addresses that lease nothing new.</summary>
/// <param name="Left">Leases that are still out.</param>
public sealed record PoolDrain(string First, string Last, string Operation, long Left);
