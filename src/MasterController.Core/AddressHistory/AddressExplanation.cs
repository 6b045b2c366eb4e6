using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;

namespace MasterController.Core.AddressHistory;

/// <summary>Everything there is to know of an address now.</summary>
/// <param name="Reason">Why nobody, or nobody else, can have it; null where it is free.</param>
/// <param name="Pool">Null where it is in the network of none.</param>
/// <param name="Owner">Who has it or, while it cools down, had it last.</param>
/// <param name="VmName">Where the owner is a VM that is still there.</param>
/// <param name="Since">When that began: of the lease, of the cool-down, or of what its pool makes of it.</param>
/// <param name="Until">When its cool-down ends.</param>
/// <param name="OperationId">The operation that made it so; null where none did.</param>
/// <param name="KernelError">Why the kernel could not be asked; <see cref="Kernel"/> then has nothing.</param>
public sealed record AddressExplanation(
    Ipv4Address Address,
    AddressState State,
    string? Reason,
    string? Pool,
    AddressRange? Range,
    string? Owner,
    string? VmName,
    DateTimeOffset? Since,
    DateTimeOffset? Until,
    string? OperationId,
    KernelEntries Kernel,
    string? KernelError
);
