using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Operations;
using MasterController.Core.Quotas;

namespace MasterController.Core.Vms;

/// <summary>A VM as a caller asks for it; what is null comes from the type and the configuration.</summary>
public sealed record VmRequest(
    string? Name = null,
    string? Type = null,
    string? Image = null,
    string? Owner = null,
    IReadOnlyDictionary<string, string>? Labels = null,
    string? Pool = null,
    string? Address = null,
    int? Vcpus = null,
    int? MemoryMib = null,
    string? Restart = null,
    EgressRequest? Egress = null,
    RateLimit? RateLimit = null,
    string? Ipv6 = null
);

/// <summary>What became of a wish about a VM.</summary>
public abstract record VmOutcome
{
    private VmOutcome() { }

    /// <summary>Taken on: the VM as it now is; what is still under way goes on without the caller.</summary>
    public sealed record Accepted(VmRecord Vm) : VmOutcome;

    /// <summary>A create under an idempotency key that has made this VM before.</summary>
    public sealed record AlreadyCreated(VmRecord Vm) : VmOutcome;

    public sealed record NotFound(string Vm) : VmOutcome;

    /// <summary>Named fields with what is wrong with each.</summary>
    public sealed record Invalid(IReadOnlyDictionary<string, string[]> Errors) : VmOutcome;

    public sealed record NameTaken(string Name, string VmId) : VmOutcome;

    /// <summary>The key was used with another body, or the VM that it made has been deleted since.</summary>
    public sealed record IdempotencyConflict(string Key, string Detail) : VmOutcome;

    /// <summary>No address could be had.</summary>
    public sealed record NoAddress(LeaseOutcome Reason) : VmOutcome;

    /// <summary>No dedicated address could be had, and so no VM.</summary>
    public sealed record NoDedicatedAddress(ExternalRefusal Reason) : VmOutcome;

    public sealed record ImageMissing(string Image) : VmOutcome;

    public sealed record ImageBuilding(string Image, Operation Operation) : VmOutcome;

    /// <param name="Limit">"vms" or "memory".</param>
    /// <param name="Value">The configured value: a count, or MiB.</param>
    public sealed record LimitReached(string Limit, long Value, string Detail) : VmOutcome;

    /// <summary>Its owner may not have more.</summary>
    public sealed record QuotaExceeded(QuotaRefusal Reason) : VmOutcome;

    /// <summary>The VM's status does not allow it.</summary>
    public sealed record WrongState(VmRecord Vm, string Wish) : VmOutcome;

    /// <summary>Stored, and refused by the kernel or the hypervisor, which is asked again and again.</summary>
    public sealed record NotInForce(VmRecord Vm, string Why) : VmOutcome;

    /// <summary>Network mode "none" leases addresses and starts no VMs.</summary>
    public sealed record NetworkModeNone : VmOutcome;
}
