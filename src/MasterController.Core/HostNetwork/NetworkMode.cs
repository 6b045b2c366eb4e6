namespace MasterController.Core.HostNetwork;

/// <summary>How the VMs of a pool are connected to the host.</summary>
public enum NetworkMode
{
    /// <summary>A TAP of its own with a /32 route: no limit but memory.</summary>
    Routed,

    /// <summary>A port of the bridge <c>fcbr0</c>, for guests that need layer 2: 1,023 ports at most.</summary>
    Bridge,
}
