using System.Diagnostics;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>The words by which sorts and states of drift go outside of the program: stable.</summary>
public static class DriftNames
{
    /// <summary>The owner of what is ours.</summary>
    public const string Ours = "ours";

    public static string Of(DriftObject kind) =>
        kind switch
        {
            DriftObject.Tap => "tap",
            DriftObject.Link => "link",
            DriftObject.Sysctl => "sysctl",
            DriftObject.Route => "route",
            DriftObject.Neighbour => "neighbour",
            DriftObject.Address => "address",
            DriftObject.Nftables => "nftables",
            DriftObject.Iptables => "iptables",
            DriftObject.Bridge => "bridge",
            _ => throw new UnreachableException(),
        };

    public static string Of(DriftState state) =>
        state switch
        {
            DriftState.Seen => "seen",
            DriftState.Failed => "failed",
            DriftState.Repaired => "repaired",
            DriftState.Gone => "gone",
            _ => throw new UnreachableException(),
        };

    /// <exception cref="KeyNotFoundException">No sort of object has that name.</exception>
    internal static DriftObject ObjectOf(string name) =>
        Enum.GetValues<DriftObject>().Where(kind => Of(kind) == name).Cast<DriftObject?>().FirstOrDefault()
        ?? throw new KeyNotFoundException($"\"{name}\" is no sort of drift");

    /// <exception cref="KeyNotFoundException">No state has that name.</exception>
    internal static DriftState StateOf(string name) =>
        Enum.GetValues<DriftState>().Where(state => Of(state) == name).Cast<DriftState?>().FirstOrDefault()
        ?? throw new KeyNotFoundException($"\"{name}\" is no state of drift");
}
