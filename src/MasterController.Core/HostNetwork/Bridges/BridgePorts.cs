using System.Globalization;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>Plugs TAPs into the bridge, many at a time, and unplugs them.</summary>
/// <param name="networks">Those of the pools, which say whose guests may reach each other.</param>
internal sealed class BridgePorts(HostNetworkKernel kernel, IReadOnlyList<PoolNetwork> networks)
{
    // What each port asks of netlink, in this order.
    private static readonly string[] Requests =
    [
        "settings",
        "place",
        "port settings",
        "link up",
        "forwarding entry",
        "neighbour",
    ];

    private readonly NetlinkBatch _batch = new();

    /// <summary>
    /// 1. makes TAPs ports of the bridge, with their entries;
    /// 2. lets their guests through, in one transaction;
    /// 3. takes the neighbour entries back of those that failed.
    /// </summary>
    /// <param name="taps">With the index of each one's TAP.</param>
    /// <returns>Why each one failed, or null.</returns>
    internal string?[] Connect(IReadOnlyList<(Attachment Attachment, int Index)> taps)
    {
        var failures = new string?[taps.Count];
        if (taps.Count == 0)
            return failures;
        if (kernel.Netlink.FindLink(GuestBridge.Name) is not { } bridge)
            return [.. taps.Select(_ => $"there is no bridge {GuestBridge.Name}")];
        if (!GuestBridge.IsOurs(bridge))
            return [.. taps.Select(_ => GuestBridge.Obstacle)];
        var guests = taps.Select(tap => BridgeGuest.Of(tap.Attachment, networks)).ToArray();

        // 1
        _batch.Clear();
        for (var i = 0; i < guests.Length; i++)
            Add(taps[i].Index, bridge.Index, guests[i]);
        var errors = kernel.Netlink.Execute(_batch);
        for (var i = 0; i < errors.Length; i++)
            if (errors[i] is { } error)
                failures[i / Requests.Length] ??= Describe(
                    error,
                    Requests[i % Requests.Length],
                    guests[i / Requests.Length]
                );

        // 2
        var connected = guests.Where((_, i) => failures[i] is null).ToList();
        try
        {
            if (connected.Count > 0)
                new BridgeFirewall(kernel.Nftables).Add(connected);
        }
        catch (NftablesException refused)
        {
            for (var i = 0; i < failures.Length; i++)
                failures[i] ??= $"its frames could not be let through: {refused.Message}";
        }

        // 3
        _batch.Clear();
        for (var i = 0; i < guests.Length; i++)
            if (failures[i] is not null)
                _batch.NeighbourDelete(bridge.Index, guests[i].Address);
        kernel.Netlink.Execute(_batch);
        return failures;
    }

    /// <summary>Takes away what does not go with the TAPs: elements and neighbour entries.</summary>
    /// <exception cref="NftablesException">The elements could not be removed.</exception>
    internal void Disconnect(IReadOnlyList<Attachment> attachments)
    {
        if (attachments.Count == 0)
            return;
        new BridgeFirewall(kernel.Nftables).Remove([.. attachments.Select(a => BridgeGuest.Of(a, networks))]);
        if (GuestBridge.FindOurs(kernel.Netlink) is not { } bridge)
            return;
        _batch.Clear();
        foreach (var attachment in attachments)
            _batch.NeighbourDelete(bridge.Index, attachment.Address);
        kernel.Netlink.Execute(_batch);
    }

    private void Add(int index, int bridge, BridgeGuest guest)
    {
        // As where it is routed: a port has no use for the settings, and they do no harm.
        _batch.LinkConfigure(index, HostNetworkMarks.RouterMac, HostNetworkMarks.LinkGroup, AttachmentSetup.Settings);
        _batch.LinkMaster(index, bridge);
        _batch.BridgePort(index, guest.PortSettings);
        _batch.LinkUp(index);
        _batch.ForwardingReplace(index, guest.Mac);
        _batch.NeighbourReplace(bridge, guest.Address, guest.Mac);
    }

    private static string Describe(NetlinkError error, string request, BridgeGuest guest) =>
        error.Code == NetlinkError.ExchangeFull
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{GuestBridge.Name} has {GuestBridge.MostPorts:N0} ports and takes no more; pools in routed mode have no such limit ({error})"
            )
            : $"{request} of {guest.Port}: {error}";
}
