using System.ComponentModel.DataAnnotations;

namespace MasterController.Contracts;

/// <summary>Body of <c>POST /api/v1/vms</c>. What is left out comes from the type and the configuration.</summary>
/// <param name="Name">A DNS label, unique among the VMs there are; the id when left out.</param>
/// <param name="Type">"cli", "browser" or one that the operator configured.</param>
/// <param name="Address">A wanted IPv4 address of the pool.</param>
/// <param name="Vcpus">1 to 32.</param>
/// <param name="MemoryMib">64 to 1048576 MiB.</param>
/// <param name="Restart">"never" or "on-failure".</param>
public sealed record CreateVmRequest(
    string? Name = null,
    string? Type = null,
    string? Image = null,
    string? Owner = null,
    IReadOnlyDictionary<string, string>? Labels = null,
    string? Pool = null,
    string? Address = null,
    int? Vcpus = null,
    int? MemoryMib = null,
    string? Restart = null
);

/// <param name="Status">creating, starting, running, stopping, stopped, failed, deleting.</param>
/// <param name="StatusReason">Why it is so, where that is not plain: the last error, with the console's last lines.</param>
/// <param name="Tap">The host's interface of this VM; there only while it runs.</param>
/// <param name="Hypervisor">firecracker, qemu (KVM) or qemu-tcg.</param>
/// <param name="ReadyAt">When the guest said on its console that it is ready.</param>
public sealed record Vm(
    string Id,
    string Name,
    string Type,
    string? Owner,
    IReadOnlyDictionary<string, string> Labels,
    string Status,
    string? StatusReason,
    string Address,
    string? Gateway,
    string Mac,
    string Tap,
    string Pool,
    string Image,
    int Vcpus,
    int MemoryMib,
    string Restart,
    int Restarts,
    string? Hypervisor,
    int? Pid,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? ReadyAt
);

/// <param name="Next">Pass as <c>cursor</c> to get the next page; null on the last one.</param>
public sealed record VmList(IReadOnlyList<Vm> Items, int Total, string? Next);

/// <summary>Body of <c>POST /api/v1/vms/{id}/stop</c> and <c>restart</c>; it may be left out.</summary>
/// <param name="TimeoutSeconds">How long the guest may take before it is forced, 0 to 3600; 0 forces at once.</param>
public sealed record StopVmRequest([property: Range(0, 3600)] int? TimeoutSeconds = null);
