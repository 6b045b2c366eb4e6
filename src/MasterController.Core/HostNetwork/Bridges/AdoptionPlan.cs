using MasterController.Core.Addressing;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>What adopting the bridge of an older controller would do, or has done.</summary>
/// <param name="Ports">Of the bridge, in the order of their names; those of our own VMs are left out.</param>
/// <param name="Changes">Of the kernel, in their order; leases aside.</param>
/// <param name="Ended">Leases of TAPs that are gone: nobody needs them any more.</param>
public sealed record AdoptionPlan(
    BridgeOwner Bridge,
    IReadOnlyList<PlannedAdoption> Ports,
    IReadOnlyList<HostChange> Changes,
    IReadOnlyList<Lease> Ended
);

/// <param name="Pool">Where its address is leased, or to be leased; null where none has it.</param>
/// <param name="Reason">Why it is left alone, or needs no lease.</param>
public sealed record PlannedAdoption(BridgePort Port, AdoptionAction Action, string? Pool, string? Reason);

public enum AdoptionAction
{
    Adopt,

    /// <summary>It was adopted before.</summary>
    Keep,

    /// <summary>It cannot be adopted.</summary>
    Leave,
}
