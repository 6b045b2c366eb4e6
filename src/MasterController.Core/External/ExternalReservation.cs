using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>What a change took of the directory while it is on its way to the store.</summary>
internal sealed class ExternalReservation(IReadOnlyList<ExternalVmChange> changes)
{
    public IReadOnlyList<ExternalVmChange> Changes => changes;

    /// <summary>Each with what was remembered of it before.</summary>
    public List<(ExternalLease Lease, ExternalLease? Cooled)> Taken { get; } = [];

    /// <summary>Given back a moment ago by the same VM.</summary>
    public List<ExternalLease> TakenAgain { get; } = [];

    /// <summary>From one VM of the change to another, when it is stored.</summary>
    public List<ExternalLease> Moved { get; } = [];

    public Dictionary<IpAddress, string> Givers { get; } = [];

    public List<(string Vm, PortForward Forward)> Ports { get; } = [];

    public List<ExternalLease> Lost { get; } = [];

    /// <summary>Cool-downs that are over, to be forgotten along the way.</summary>
    public List<ExternalLease> Expired { get; } = [];

    /// <summary>To be stored beside the VMs' records.</summary>
    public IReadOnlyList<StoreChange> Rows =>
        [
            .. Expired.Count > 0
                ? [new StoreChange.ExternalLeasesForgotten([.. Expired.Select(e => e.Address)])]
                : Array.Empty<StoreChange>(),
            .. Lost.Select(l => new StoreChange.ExternalLeaseReleased(l)),
            .. Moved.Select(l => new StoreChange.ExternalLeaseSaved(l, Givers[l.Address])),
            .. Taken.Select(t => new StoreChange.ExternalLeaseSaved(t.Lease)),
            .. TakenAgain.Select(l => new StoreChange.ExternalLeaseSaved(l)),
        ];
}
