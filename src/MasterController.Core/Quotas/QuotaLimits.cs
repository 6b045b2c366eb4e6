namespace MasterController.Core.Quotas;

/// <summary>How much an owner may have; 0 is no limit, null of an owner's own is the configured default.</summary>
/// <param name="Vms">Stopped ones included.</param>
/// <param name="Vcpus">Of VMs that are not stopped or failed, as <paramref name="MemoryMib"/> is.</param>
/// <param name="Addresses">Of pools: one a VM, and leases with the owner's name as their key.</param>
/// <param name="DedicatedAddresses">Public IPv6 and IPv4.</param>
public sealed record QuotaLimits(
    long? Vms = null,
    long? Vcpus = null,
    long? MemoryMib = null,
    long? Addresses = null,
    long? DedicatedAddresses = null
)
{
    public static QuotaLimits None { get; } = new(0, 0, 0, 0, 0);

    public bool IsEmpty => this == new QuotaLimits();

    /// <summary>These where they say something, else the others.</summary>
    public QuotaLimits Over(QuotaLimits others) =>
        new(
            Vms ?? others.Vms,
            Vcpus ?? others.Vcpus,
            MemoryMib ?? others.MemoryMib,
            Addresses ?? others.Addresses,
            DedicatedAddresses ?? others.DedicatedAddresses
        );
}

/// <summary>Limits that were set for one owner, as they are stored.</summary>
public sealed record OwnerQuota(string Owner, QuotaLimits Limits);

/// <summary>What an owner has, or wants more.</summary>
public readonly record struct QuotaUse(
    long Vms = 0,
    long Vcpus = 0,
    long MemoryMib = 0,
    long Addresses = 0,
    long DedicatedAddresses = 0
)
{
    public static QuotaUse operator +(QuotaUse a, QuotaUse b) =>
        new(
            a.Vms + b.Vms,
            a.Vcpus + b.Vcpus,
            a.MemoryMib + b.MemoryMib,
            a.Addresses + b.Addresses,
            a.DedicatedAddresses + b.DedicatedAddresses
        );

    public static QuotaUse operator -(QuotaUse a, QuotaUse b) =>
        new(
            a.Vms - b.Vms,
            a.Vcpus - b.Vcpus,
            a.MemoryMib - b.MemoryMib,
            a.Addresses - b.Addresses,
            a.DedicatedAddresses - b.DedicatedAddresses
        );
}

/// <summary>A wish that would exceed a limit.</summary>
/// <param name="Key">Of the configuration: "quota.max_vms".</param>
/// <param name="IsOwn">Whether the limit was set for this owner.</param>
public sealed record QuotaRefusal(string Owner, string Key, string Noun, bool IsOwn, long Limit, long Used, long Wanted)
{
    /// <summary>A sentence for a person.</summary>
    public string Words =>
        $"The owner \"{Owner}\" may have {Limit} {Noun} ({Key}{(IsOwn ? ", set for this owner" : "")}) and has {Used}"
        + (Wanted == 1 ? "." : $"; {Wanted} more are wanted.");
}
