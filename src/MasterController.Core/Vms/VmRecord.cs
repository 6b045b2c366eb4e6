using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Processes;

namespace MasterController.Core.Vms;

/// <summary>A VM as it is stored: what was asked for, what it was given, what has become of it.</summary>
/// <param name="RateLimit">Its own limit, which may be none; null where it follows its type.</param>
/// <param name="Egress">Its own policy; null where it follows its type.</param>
/// <param name="NetworkMode">Of its pool, which keeps it.</param>
/// <param name="External">How it is reached from outside, whether it runs or not; null where it is not.</param>
public sealed record VmRecord(
    string Id,
    string Name,
    string Type,
    string? Owner,
    IReadOnlyDictionary<string, string> Labels,
    string Image,
    int Vcpus,
    int MemoryMib,
    RestartPolicy Restart,
    string Pool,
    Ipv4Address Address,
    Ipv4Network Network,
    Ipv4Address? Gateway,
    VmStatus Status,
    string? StatusReason,
    string? Hypervisor,
    ProcessIdentity? Process,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? ReadyAt,
    int Restarts,
    EgressPolicy? Egress = null,
    RateLimit? RateLimit = null,
    NetworkMode NetworkMode = NetworkMode.Routed,
    ExternalAccess? External = null
);

public enum VmStatus
{
    Creating,
    Starting,
    Running,
    Stopping,
    Stopped,
    Failed,
    Deleting,
}

public enum RestartPolicy
{
    Never,
    OnFailure,
}
