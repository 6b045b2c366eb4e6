namespace MasterController.Contracts;

/// <summary>
/// How much an owner may have; 0 is no limit, null in a request leaves the configured default. Body of
/// <c>PUT /api/v1/quotas/{owner}</c>.
/// </summary>
/// <param name="Vms">0 to 1000000, stopped ones included.</param>
/// <param name="Vcpus">Of VMs that are not stopped or failed; 0 to 1000000.</param>
/// <param name="MemoryMib">Likewise; 0 to 2147483647.</param>
/// <param name="Addresses">Of pools: those of its VMs, and leases with its name as the key; 0 to 16777216.</param>
/// <param name="DedicatedAddresses">Public IPv6 and IPv4; 0 to 1000000.</param>
public sealed record QuotaLimits(
    long? Vms = null,
    long? Vcpus = null,
    long? MemoryMib = null,
    long? Addresses = null,
    long? DedicatedAddresses = null
);

/// <summary>An owner's limits and what it has.</summary>
/// <param name="Source">"owner": set for it; "default": as configured.</param>
public sealed record Quota(string Owner, string Source, QuotaLimits Limits, QuotaLimits Used);

/// <summary><c>GET /api/v1/quotas</c>: owners with VMs or limits of their own, by name.</summary>
/// <param name="Default">What an owner has without limits of its own.</param>
public sealed record QuotaList(QuotaLimits Default, IReadOnlyList<Quota> Items);
