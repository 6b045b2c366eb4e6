using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>Looks at single attachments, some dozen microseconds each, whatever else there is.</summary>
internal sealed class AttachmentCheck(
    HostNetworkKernel kernel,
    IReadOnlyList<PoolNetwork> networks,
    Ipv4Address? fallbackSource,
    DedicatedUplink uplink
)
{
    private readonly NetlinkBatch _batch = new();

    /// <summary>What the kernel has for each, in the order given.</summary>
    internal IReadOnlyList<Found> Run(IReadOnlyList<Attachment> attachments)
    {
        var netlink = kernel.Netlink;
        _batch.Clear();
        foreach (var attachment in attachments)
            _batch.LinkGet(attachment.TapName);
        var links = netlink.GetLinks(_batch);
        _batch.Clear();
        foreach (var attachment in attachments)
            _batch.RouteMatch(attachment.Address);
        var routes = netlink.GetRoutes(_batch);
        _batch.Clear();
        for (var i = 0; i < attachments.Count; i++)
            _batch.NeighbourGet(links[i]?.Index ?? 0, attachments[i].Address);
        var neighbours = netlink.GetNeighbours(_batch);
        var guests = attachments.Any(attachment => attachment.Mode == NetworkMode.Bridge)
            ? BridgeReconciliation.Read(kernel, attachments, networks).Wrong
            : new Dictionary<Ipv4Address, string>();
        var dedicated = new DedicatedCheck(kernel, uplink, fallbackSource).Run([
            .. attachments.Select((attachment, i) => (attachment, links[i]?.Index ?? 0)),
        ]);
        var found = new Found[attachments.Count];
        for (var i = 0; i < found.Length; i++)
            found[i] = new Found(
                links[i],
                routes[i],
                neighbours[i],
                links[i] is null ? null : AttachmentComparison.ReadProxyDelay(attachments[i]),
                guests.GetValueOrDefault(attachments[i].Address),
                dedicated[i]
            );
        return found;
    }

    /// <param name="Route">What leads to the address, a default route included.</param>
    /// <param name="ProxyDelay">In hundredths of a second.</param>
    /// <param name="OnBridge">What is wrong with its place on the bridge, in words; null where nothing is.</param>
    /// <param name="Dedicated">What there is for dedicated addresses, right or wrong.</param>
    internal readonly record struct Found(
        LinkEntry? Link,
        RouteEntry? Route,
        NeighbourEntry? Neighbour,
        long? ProxyDelay,
        string? OnBridge,
        IReadOnlyList<DedicatedFinding> Dedicated
    )
    {
        internal AttachmentParts Compare(Attachment wanted, Ipv4Address? fallbackSource)
        {
            if (Link is not { } link || !AttachmentSetup.IsOurs(link, wanted))
                return AttachmentParts.Missing;
            var wrong = AttachmentExpectation.Compare(link, wanted);
            if (ProxyDelay is not 0)
                wrong |= AttachmentParts.Settings;
            if (Dedicated.Any(finding => !finding.IsRight))
                wrong |= AttachmentParts.Dedicated;
            if (wanted.Mode == NetworkMode.Bridge)
                return OnBridge is null ? wrong : wrong | AttachmentParts.Bridge;
            if (Route is not { } route || !AttachmentExpectation.IsRight(route, link.Index, wanted, fallbackSource))
                wrong |= AttachmentParts.Route;
            if (Neighbour is not { } neighbour || !AttachmentExpectation.IsRight(neighbour, wanted))
                wrong |= AttachmentParts.Neighbour;
            return wrong;
        }
    }
}
