using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Quotas;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Core.WebHooks;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Store;

/// <summary>One change of durable state; each is an upsert or a delete by key and may be repeated.</summary>
public abstract record StoreChange
{
    private StoreChange() { }

    public sealed record PoolSaved(PoolDefinition Pool) : StoreChange;

    /// <summary>The pool with its leases, versions and samples; the history of its addresses stays.</summary>
    public sealed record PoolDeleted(string Name) : StoreChange;

    /// <summary>An entry in the history of a pool that is there; a version that has an entry keeps it.</summary>
    public sealed record PoolVersionSaved(PoolVersion Version) : StoreChange;

    /// <summary>A change of a pool that is under way, or its progress.</summary>
    public sealed record PoolChangeSaved(PoolChange Change) : StoreChange;

    public sealed record PoolChangeDeleted(string OperationId) : StoreChange;

    /// <param name="OperationId">The operation that took the address, for its history.</param>
    public sealed record LeaseSaved(Lease Lease, string? OperationId = null) : StoreChange;

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

    /// <summary>Who had an address until then is not remembered any longer.</summary>
    public sealed record LeaseHistoryForgotten(DateTimeOffset Before) : StoreChange;

    /// <summary>Passed over where the pool is gone.</summary>
    public sealed record UtilisationSaved(UtilisationSample Sample, SampleInterval Interval) : StoreChange;

    public sealed record UtilisationForgotten(SampleInterval Interval, DateTimeOffset Before) : StoreChange;

    /// <summary>A difference of the host network that is no longer there.</summary>
    public sealed record DriftEnded(DriftEntry Entry) : StoreChange;

    public sealed record DriftForgotten(DateTimeOffset Before) : StoreChange;

    /// <summary>A change of how VMs are reached from outside, for the history.</summary>
    public sealed record ExternalChangeSaved(ExternalChange Change) : StoreChange;

    public sealed record ExternalChangesForgotten(DateTimeOffset Before) : StoreChange;

    /// <summary>A dedicated address that a VM's record names from this commit on.</summary>
    /// <param name="From">The VM that had it until now, where it is moved.</param>
    public sealed record ExternalLeaseSaved(ExternalLease Lease, string? From = null) : StoreChange;

    /// <summary>Nobody has it any more; the VM that had it alone may have it back until its cool-down is over.</summary>
    public sealed record ExternalLeaseReleased(ExternalLease Lease) : StoreChange;

    public sealed record ExternalLeasesForgotten(IReadOnlyList<IpAddress> Addresses) : StoreChange;

    /// <summary>In the order of their ids.</summary>
    public sealed record EventsSaved(IReadOnlyList<ControllerEvent> Events) : StoreChange;

    /// <param name="Before">The least id that stays.</param>
    public sealed record EventsForgotten(long Before) : StoreChange;

    public sealed record ApiKeySaved(ApiKey Key) : StoreChange;

    public sealed record ApiKeyDeleted(string Id) : StoreChange;

    /// <summary>A change that was asked for, or what came of one.</summary>
    public sealed record AuditSaved(AuditEntry Entry) : StoreChange;

    public sealed record AuditForgotten(DateTimeOffset Before) : StoreChange;

    public sealed record WebHookSaved(WebHookRecord Hook) : StoreChange;

    public sealed record WebHookDeleted(string Name) : StoreChange;

    /// <summary>Limits that were set for one owner.</summary>
    public sealed record QuotaSaved(OwnerQuota Quota) : StoreChange;

    public sealed record QuotaDeleted(string Owner) : StoreChange;

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
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlyList<PoolChange> PoolChanges
)
{
    /// <summary>Dedicated addresses: since when each is held, and those that were given back.</summary>
    public IReadOnlyList<ExternalLease> ExternalLeases
    {
        get => field ?? [];
        init;
    }

    public IReadOnlyList<ApiKey> ApiKeys
    {
        get => field ?? [];
        init;
    }

    /// <summary>The highest id in the audit log; 0 where it is empty.</summary>
    public long LastAuditId { get; init; }

    public static StoreSnapshot Empty { get; } = new([], [], [], [], [], [], new Dictionary<string, string>(), []);
}

public sealed record ReleasedLease(Lease Lease, DateTimeOffset ReleasedAt);

/// <summary>A create that was asked for under a caller's key; the hash is of the request body.</summary>
public sealed record IdempotencyKey(string Key, string RequestHash, string VmId, DateTimeOffset CreatedAt);
