namespace MasterController.Contracts;

/// <summary>What an address is, and why.</summary>
/// <param name="State">
/// "free", "leased", "cooling", "reserved", "gateway", "kept-gateway", "draining", "network", "broadcast", "outside-range"
/// (in a range's network, but not from its first to its last) or "outside-pools".
/// </param>
/// <param name="Reason">Why nobody, or nobody else, can have it; null where it is free.</param>
/// <param name="Pool">Null where it is in the network of none.</param>
/// <param name="Owner">Who has it or, while it cools down, had it last.</param>
/// <param name="Vm">The owner's name, where that is a VM.</param>
/// <param name="Since">When that began; null where it is not known.</param>
/// <param name="Until">When its cool-down ends.</param>
/// <param name="OperationId">The operation that made it so; null where none did.</param>
public sealed record AddressInfo(
    string Address,
    string State,
    string? Reason,
    string? Pool,
    PoolRange? Range,
    string? Owner,
    string? Vm,
    DateTimeOffset? Since,
    DateTimeOffset? Until,
    string? OperationId,
    AddressKernel Kernel
);

/// <summary>What the kernel has for an address, as "ip" and "nft" write it; null where it has nothing.</summary>
/// <param name="Error">Why the kernel could not be asked.</param>
public sealed record AddressKernel(string? Route, string? Neighbour, IReadOnlyList<string> Firewall, string? Error);

/// <summary>What is remembered of an address.</summary>
/// <param name="KnownSince">Leases that ended before this are forgotten.</param>
/// <param name="Then">What it was at the time <c>at</c>; null where none was asked for.</param>
/// <param name="Items">In time order: the newest <c>limit</c>, of those up to <c>at</c>.</param>
/// <param name="Total">How many there are without a limit.</param>
public sealed record AddressHistoryList(
    string Address,
    DateTimeOffset KnownSince,
    AddressMoment? Then,
    IReadOnlyList<AddressEvent> Items,
    int Total
);

/// <summary>What an address was at a time; members as in <see cref="AddressInfo"/>.</summary>
/// <param name="Until">When the lease or the cool-down ended or ends; null for a lease that is held.</param>
public sealed record AddressMoment(
    DateTimeOffset At,
    string State,
    string? Reason,
    string? Pool,
    string? Owner,
    string? Vm,
    DateTimeOffset? Since,
    DateTimeOffset? Until,
    string? OperationId
);

/// <summary>Either a lease, or a change of the pool that made something else of the address.</summary>
/// <param name="State">"leased", or what it became; "free" where it may be leased from then on.</param>
/// <param name="Until">The end of a lease; null while it is held.</param>
/// <param name="Version">That of the pool's definition, where this is a change of it.</param>
/// <param name="Action">What was done to the pool: "expand", "reserve", ….</param>
public sealed record AddressEvent(
    DateTimeOffset Since,
    DateTimeOffset? Until,
    string State,
    string? Reason,
    string Pool,
    string? Owner,
    string? Vm,
    string? OperationId,
    long? Version,
    string? Action
);
