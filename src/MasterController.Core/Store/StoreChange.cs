using MasterController.Core.Addressing;
using MasterController.Core.Operations;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Store;

/// <summary>One change of durable state; each is an upsert or a delete by key and may be repeated.</summary>
public abstract record StoreChange
{
    private StoreChange() { }

    public sealed record PoolSaved(PoolDefinition Pool) : StoreChange;

    public sealed record PoolDeleted(string Name) : StoreChange;

    public sealed record LeaseSaved(Lease Lease) : StoreChange;

    /// <summary>The lease ended; its owner alone may have the address back until the pool's cool-down is over.</summary>
    public sealed record LeaseReleased(Lease Lease, DateTimeOffset ReleasedAt) : StoreChange;

    /// <summary>Nothing is remembered of these addresses any more: their cool-down is over.</summary>
    public sealed record LeasesForgotten(string Pool, IReadOnlyList<Ipv4Address> Addresses) : StoreChange;

    public sealed record VmSaved(VmRecord Vm) : StoreChange;

    public sealed record VmDeleted(string Id) : StoreChange;

    public sealed record OperationSaved(Operation Operation) : StoreChange;

    public sealed record OperationDeleted(string Id) : StoreChange;

    public sealed record IdempotencyKeySaved(IdempotencyKey Key) : StoreChange;

    public sealed record IdempotencyKeyDeleted(string Key) : StoreChange;

    /// <summary>A small fact of the controller itself, such as the verdict on KVM.</summary>
    public sealed record SettingSaved(string Name, string Value) : StoreChange;
}

/// <summary>Everything durable, as read at start.</summary>
public sealed record StoreSnapshot(
    IReadOnlyList<PoolDefinition> Pools,
    IReadOnlyList<Lease> Leases,
    IReadOnlyList<ReleasedLease> Released,
    IReadOnlyList<VmRecord> Vms,
    IReadOnlyList<Operation> Operations,
    IReadOnlyList<IdempotencyKey> IdempotencyKeys,
    IReadOnlyDictionary<string, string> Settings
);

public sealed record ReleasedLease(Lease Lease, DateTimeOffset ReleasedAt);

/// <summary>A create that was asked for under a caller's key; the hash is of the request body.</summary>
public sealed record IdempotencyKey(string Key, string RequestHash, string VmId, DateTimeOffset CreatedAt);
