using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>One dedicated address held by one VM, or had by it last.</summary>
/// <param name="Vm">The VM's id.</param>
/// <param name="ReleasedAt">Null while it is held.</param>
public sealed record ExternalLease(
    IpAddress Address,
    string Vm,
    DateTimeOffset Since,
    DateTimeOffset? ReleasedAt = null
);
