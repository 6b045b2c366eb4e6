using MasterController.Linux.Addresses;
using MasterController.Linux.Taps;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>Whose the bridge is that pools in bridge mode need, and what of others is on it.</summary>
/// <param name="Mac">Of the bridge; null where there is none.</param>
/// <param name="Ports">Without the TAPs of our own VMs, in the order of their names.</param>
public sealed record BridgeSurvey(BridgeOwner Owner, MacAddress? Mac, IReadOnlyList<BridgePort> Ports)
{
    public static BridgeSurvey Nothing { get; } = new(BridgeOwner.Nobody, null, []);

    /// <summary>Why no pool can be in bridge mode, and what to do about it; null where one can.</summary>
    public string? Obstacle =>
        Owner switch
        {
            BridgeOwner.Others => GuestBridge.Obstacle,
            BridgeOwner.NotABridge => $"{GuestBridge.Name} is here and is no bridge: rename or remove it",
            _ => null,
        };

    /// <summary>What makes the bridge ours; null where it is already, or cannot be.</summary>
    internal HostChange? Change =>
        Owner == BridgeOwner.Others
            ? new HostChange(
                "link",
                HostChangeKind.Change,
                $"make the bridge {GuestBridge.Name} ours, with the hardware address {Mac} for good",
                $"ip link set {GuestBridge.Name} address {Mac} group {HostNetworkMarks.LinkGroup}"
            )
            : null;
}

public enum BridgeOwner
{
    /// <summary>There is no interface of that name.</summary>
    Nobody,
    Us,

    /// <summary>A bridge without our mark, such as an older controller made.</summary>
    Others,

    /// <summary>An interface of that name that is no bridge.</summary>
    NotABridge,
}

/// <summary>A port of the bridge that is not of a VM of ours.</summary>
/// <param name="Adopted">As it was adopted; null where it was not.</param>
/// <param name="Mac">What its guest sends from, where one such address is known.</param>
/// <param name="Address">What its guest has, where one such address is known.</param>
/// <param name="Problem">Why it cannot be adopted; null where it can.</param>
public sealed record BridgePort(
    string Name,
    AdoptedTap? Adopted,
    MacAddress? Mac,
    Ipv4Address? Address,
    TapUser? User,
    string? Problem
);
