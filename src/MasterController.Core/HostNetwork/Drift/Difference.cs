using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>What sort of object differs.</summary>
public enum DriftObject
{
    /// <summary>A VM's TAP itself: there or not, its owner and mode.</summary>
    Tap,

    /// <summary>The state, MAC and group of a TAP, or an interface that bears one's name.</summary>
    Link,
    Sysctl,
    Route,
    Neighbour,
    Address,
    Nftables,
    Iptables,

    /// <summary>A guest's place on the bridge: its port, forwarding and neighbour entry, elements; the bridge itself.</summary>
    Bridge,
}

/// <summary>One difference between what should be and what is, as one observation found it.</summary>
/// <param name="Name">"fcc0a86402", "192.168.100.2", "net.ipv4.ip_forward", "inet master_controller", "ip filter FORWARD".</param>
/// <param name="Expected">In few words: "up", "dev fcc0a86402 src 192.168.100.1 proto 252", "none".</param>
public sealed record Difference(DriftObject Object, string Name, string Expected, string Found)
{
    /// <summary>Whose object it is: a program, "another program"; null for ours.</summary>
    public string? Owner { get; init; }

    /// <summary>The attachment that it is about, or a one-to-one address that nobody has.</summary>
    public Ipv4Address? Address { get; init; }

    /// <summary>Who made the change, where the kernel says: "nft (process 4711)".</summary>
    public string? By { get; init; }

    /// <summary>What an operator has to know or do besides.</summary>
    public string? Advice { get; init; }

    /// <summary>Ours is repaired, another's is only named.</summary>
    public bool IsOurs => Owner is null;

    /// <summary>Repaired at the first observation: without our table guests are neither kept apart nor translated.</summary>
    public bool IsUrgent => IsOurs && Object == DriftObject.Nftables;

    /// <summary>The least that has to be compared to see it.</summary>
    public ObservationScope Scope { get; init; } = ObservationScope.All;

    /// <summary>The interface that something of ours is on that should not be there at all; null where it should.</summary>
    internal int? OrphanOn { get; init; }

    /// <summary>What of a dedicated address it is; null for all else.</summary>
    internal DedicatedEntry? Dedicated { get; init; }

    /// <summary>Whether it is about one guest or one address, rather than about what all share.</summary>
    internal bool IsOfAttachment => Address is not null || Dedicated is not null;

    /// <summary>The same difference in another observation.</summary>
    internal (bool, DriftObject, string) Key => (IsOurs, Object, Name);
}
