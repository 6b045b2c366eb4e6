using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>
/// What there should be of a VM on the bridge beside its TAP, which is a port with <see cref="PortSettings"/>: a static
/// forwarding entry of <see cref="Mac"/> on the port, a permanent neighbour entry of <see cref="Address"/> with
/// <see cref="Mac"/> on the bridge, <see cref="Element"/> in the set of guests and, where <see cref="IsOpen"/>, the port in
/// that of open ports.
/// </summary>
/// <param name="Port">The name of its TAP.</param>
/// <param name="IsOpen">Whether others on the bridge that are open as well reach it.</param>
internal sealed record BridgeGuest(string Port, Ipv4Address Address, MacAddress Mac, bool IsOpen)
{
    /// <summary>As nft lists it.</summary>
    internal string Element => $"{Port} . {Mac} . {Address}";

    /// <summary>
    /// Nothing is learned, so that a guest cannot take another's frames; nothing is flooded, since all are known.
    /// </summary>
    internal BridgePortSettings PortSettings => new(Isolated: !IsOpen, Learning: false, Flood: false);

    /// <summary>All of it, for people.</summary>
    internal string Text =>
        $"a port of {GuestBridge.Name}, isolated {(IsOpen ? "off" : "on")}, learning off, flood off, with {Mac} and {Address} alone";

    internal static BridgeGuest Of(Attachment attachment, IReadOnlyList<PoolNetwork> networks) =>
        new(attachment.TapName, attachment.Address, attachment.Mac, IsOpenIn(networks, attachment.Address));

    /// <summary>Where pools share a network, one that refuses it decides.</summary>
    internal static bool IsOpenIn(IReadOnlyList<PoolNetwork> networks, Ipv4Address address)
    {
        var own = networks.Where(network => network.Network.Contains(address)).ToList();
        return own.Count > 0 && own.TrueForAll(network => network.AllowVmToVm);
    }
}
