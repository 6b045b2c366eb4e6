namespace MasterController.Contracts;

/// <summary><c>GET /api/v1/network</c>: how the host network is.</summary>
/// <param name="Mode">"routed" or "none".</param>
/// <param name="Uplink">The interface that leads out; null where there is none.</param>
/// <param name="Observation">The last comparison with what should be; null before the first, and in mode "none".</param>
/// <param name="Error">Why the last comparison did not come off; null where it did.</param>
/// <param name="Drift">How many differences there are now.</param>
/// <param name="Limits">Of the kernel: those that VMs on all addresses of all pools would hit.</param>
public sealed record NetworkStatus(
    string Mode,
    string? Uplink,
    IReadOnlyList<NetworkPool> Networks,
    NetworkObserved? Observation,
    string? Error,
    DriftCounts Drift,
    IReadOnlyList<NetworkLimit> Limits
);

/// <summary>A network of a pool, as the host knows it.</summary>
/// <param name="Gateways">Addresses that the host answers on.</param>
public sealed record NetworkPool(string Cidr, IReadOnlyList<string> Gateways, bool AllowVmToVm);

/// <summary>A comparison of the kernel with what should be.</summary>
/// <param name="At">When it had ended.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Desired">Attachments that should be.</param>
/// <param name="Present">Those of them whose interface is there.</param>
public sealed record NetworkObserved(DateTimeOffset At, double Seconds, int Desired, int Present);

/// <param name="Ours">Of the controller's own objects: repaired when two comparisons have found them.</param>
/// <param name="Foreign">Of others: named, and left alone.</param>
public sealed record DriftCounts(int Ours, int Foreign);

/// <param name="Name">"net.netfilter.nf_conntrack_max", "RLIMIT_NOFILE".</param>
/// <param name="Fix">One line that raises it.</param>
public sealed record NetworkLimit(string Name, long Value, long Needed, string Message, string Fix);

/// <summary><c>GET /api/v1/network/drift</c>: what is there now, oldest first; with <c>history</c> what has ended before it.</summary>
/// <param name="Total">How many there are without a limit.</param>
public sealed record NetworkDriftList(IReadOnlyList<NetworkDrift> Items, int Total);

/// <summary>A difference between what should be and what is.</summary>
/// <param name="Object">"tap", "link", "sysctl", "route", "neighbour", "address", "nftables", "iptables" or "bridge".</param>
/// <param name="Owner">Whose the object is: "ours", a program's name, or "another program".</param>
/// <param name="By">Who made the change, where the kernel tells.</param>
/// <param name="Since">When it was first found.</param>
/// <param name="Observations">In how many comparisons it was found.</param>
/// <param name="State">"seen", "failed" (could not be repaired), "repaired" or "gone" (somebody else set it right).</param>
/// <param name="Ended">When it was repaired or gone; null while it is there.</param>
/// <param name="Failure">Why it could not be repaired.</param>
/// <param name="Advice">What an operator has to know or do besides.</param>
public sealed record NetworkDrift(
    string Object,
    string Name,
    string Expected,
    string Found,
    string Owner,
    string? By,
    DateTimeOffset Since,
    int Observations,
    string State,
    DateTimeOffset? Ended,
    string? Failure,
    string? Advice
);

/// <summary>Body of <c>POST /api/v1/network/repair</c>; it may be left out.</summary>
/// <param name="Plan">Only say what would be done.</param>
public sealed record RepairNetworkRequest(bool? Plan = null);

/// <summary>What a repair did, or would do.</summary>
/// <param name="Planned">Whether nothing was done.</param>
/// <param name="Changes">In the order in which they are made; the first 1000.</param>
/// <param name="ChangeCount">How many there are.</param>
/// <param name="Repaired">The first 1000; empty for a plan.</param>
/// <param name="Open">What still differs: of others, what failed, and for a plan what it would repair; the first 1000.</param>
public sealed record NetworkRepair(
    bool Planned,
    IReadOnlyList<PlanChange> Changes,
    int ChangeCount,
    IReadOnlyList<NetworkDrift> Repaired,
    int RepairedCount,
    IReadOnlyList<NetworkDrift> Open
);
