using MasterController.Core.Vms;

namespace MasterController.Daemon.Access;

/// <summary>What a caller is restricted to; what lies outside is not there for it.</summary>
/// <param name="Owner">Of VMs and leases; null for any.</param>
/// <param name="Pool">Null for any.</param>
internal sealed record Scope(string? Owner, string? Pool)
{
    public static Scope Everything { get; } = new(null, null);

    public bool IsEverything => this is { Owner: null, Pool: null };

    public bool Has(VmRecord vm) => Has(vm.Owner, vm.Pool);

    public bool Has(string? owner, string pool) => (Owner is null || Owner == owner) && (Pool is null || Pool == pool);

    /// <summary>Whether a pool may be read as a whole: it tells of everyone who has something of it.</summary>
    public bool HasPool(string pool) => Owner is null && (Pool is null || Pool == pool);

    /// <summary>"the owner "a" in the pool "b"".</summary>
    public override string ToString() =>
        this switch
        {
            { Owner: { } owner, Pool: { } pool } => $"the owner \"{owner}\" in the pool \"{pool}\"",
            { Owner: { } owner } => $"the owner \"{owner}\"",
            { Pool: { } pool } => $"the pool \"{pool}\"",
            _ => "everything",
        };
}

/// <summary>How an endpoint keeps to a caller's scope, as its metadata; one that has none refuses scoped callers.</summary>
internal sealed record ScopedBy(ScopePart Part);

internal enum ScopePart
{
    /// <summary>The handler heeds <see cref="Caller.Scope"/> itself.</summary>
    Handler,

    /// <summary>The VM of the route's "id" has to lie in it, or is not there.</summary>
    Vm,

    /// <summary>Likewise the pool of the route's "pool".</summary>
    Pool,
}
