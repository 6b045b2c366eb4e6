namespace MasterController.Contracts;

/// <summary><c>GET /api/v1/vms/{id}/traffic</c>: what a VM has been given and has sent since it started.</summary>
/// <param name="In">To the guest; null while the VM has no place in the network, as one that is stopped.</param>
/// <param name="Out">From the guest, what was refused among it; null as <paramref name="In"/> is.</param>
public sealed record VmTraffic(string Id, string Name, string Address, TrafficCounters? In, TrafficCounters? Out);

/// <param name="Bytes">Of whole Ethernet frames.</param>
/// <param name="Dropped">Packets that were lost between host and guest; rules that refuse packets do not count here.</param>
public sealed record TrafficCounters(long Packets, long Bytes, long Dropped);

/// <summary><c>GET /api/v1/network/traffic</c>: of all VMs that are attached.</summary>
/// <param name="Vms">How many VMs the sums are of.</param>
/// <param name="Items">Those with the most first, so many as were asked for.</param>
public sealed record NetworkTraffic(
    DateTimeOffset Time,
    int Vms,
    TrafficCounters In,
    TrafficCounters Out,
    IReadOnlyList<VmTraffic> Items
);
