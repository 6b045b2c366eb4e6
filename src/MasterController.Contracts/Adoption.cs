namespace MasterController.Contracts;

/// <summary>
/// <c>/api/v1/network/adoption</c>: what adopting the bridge of an older controller would do (GET), or has done (POST).
/// </summary>
/// <param name="Bridge">Whose fcbr0 is, before: "none", "ours", "others" or "not-a-bridge".</param>
/// <param name="Ports">Of the bridge, those of our own VMs left out.</param>
/// <param name="Changes">Of the kernel, in their order; none when all was adopted before.</param>
/// <param name="Ended">Leases of TAPs that are gone.</param>
public sealed record Adoption(
    string Bridge,
    IReadOnlyList<AdoptionPort> Ports,
    IReadOnlyList<PlanChange> Changes,
    IReadOnlyList<EndedAdoption> Ended
);

/// <param name="Action">"adopt", "adopted" (before) or "leave".</param>
/// <param name="Mac">What its guest sends from; null where that is not known.</param>
/// <param name="Pool">Where its address is leased to "adopted:NAME"; null where no pool leases it.</param>
/// <param name="Pid">Of the process that has it open.</param>
/// <param name="Reason">Why it is left alone, or needs no lease.</param>
public sealed record AdoptionPort(
    string Name,
    string Action,
    string? Mac,
    string? Address,
    string? Pool,
    int? Pid,
    string? Command,
    string? Reason
);

/// <summary>A lease that nobody needs any more; it is kept until it is deleted.</summary>
public sealed record EndedAdoption(string Address, string Owner, string Pool);
