using MasterController.Core.HostNetwork;
using MasterController.Core.Quotas;
using MasterController.Core.Vms;

namespace MasterController.Core.External;

/// <summary>What became of a wish about how VMs are reached from outside.</summary>
public abstract record ExternalOutcome
{
    private ExternalOutcome() { }

    /// <summary>Done and in force, or what would be done.</summary>
    /// <param name="Id">Of its entry in the history; null where nothing differed, or nothing was done.</param>
    /// <param name="Host">What changes in the kernel, for VMs that run.</param>
    public sealed record Done(
        string? Id,
        DateTimeOffset? Time,
        string Action,
        string Summary,
        bool IsPlan,
        IReadOnlyList<ExternalVmChange> Vms,
        IReadOnlyList<HostChange> Host
    ) : ExternalOutcome;

    /// <param name="Kind">"VM", "forward", "address" or "change".</param>
    public sealed record NotFound(string Kind, string Name) : ExternalOutcome;

    /// <summary>Named fields with what is wrong with each.</summary>
    public sealed record Invalid(IReadOnlyDictionary<string, string[]> Errors) : ExternalOutcome;

    public sealed record Refused(ExternalRefusal Reason) : ExternalOutcome;

    /// <summary>The owner of a VM may not have more dedicated addresses.</summary>
    public sealed record QuotaExceeded(QuotaRefusal Reason) : ExternalOutcome;

    /// <summary>A change of the past cannot be taken back.</summary>
    /// <param name="InTheWay">All that is, each in words.</param>
    public sealed record Conflicts(string Change, IReadOnlyList<string> InTheWay) : ExternalOutcome;

    /// <summary>The VM's status does not allow it.</summary>
    public sealed record WrongState(VmRecord Vm, string Wish) : ExternalOutcome;

    /// <summary>Stored, and refused by the kernel, which is asked again and again.</summary>
    public sealed record NotInForce(VmRecord Vm, string Why) : ExternalOutcome;

    /// <summary>Network mode "none" has no VMs.</summary>
    public sealed record NetworkModeNone : ExternalOutcome;
}
