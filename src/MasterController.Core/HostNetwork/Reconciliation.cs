using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// Compares attachments with one dump each of TAPs, our routes and neighbours. Keeps a few bytes for each, no lists of
/// what the kernel said.
/// </summary>
internal sealed class Reconciliation(
    HostNetworkKernel kernel,
    AttachmentSetup setup,
    IReadOnlyList<PoolNetwork> networks,
    ChangeLog changes
)
{
    // Changes while a dump runs are usual on a busy host. What such a dump gets wrong is made right again by requests
    // that may be repeated, so after some tries it is good enough.
    private const int DumpTries = 3;
    private const int AttachmentsPerBatch = 256;

    private readonly Dictionary<Ipv4Address, Attachment> _desired = [];
    private readonly Dictionary<int, Ipv4Address> _addressOfLink = [];
    private readonly Dictionary<Ipv4Address, Found> _found = [];
    private readonly List<(int Index, Ipv4Address Address)> _orphanLinks = [];
    private readonly List<RouteEntry> _orphanRoutes = [];
    private readonly List<NeighbourEntry> _orphanNeighbours = [];
    private Ipv4Address? _fallbackSource;

    /// <summary>Makes the attachments as desired: first adds and mends, then removes.</summary>
    /// <returns>What the kernel refused; the rest is done.</returns>
    internal List<HostNetworkException> Apply(IEnumerable<Attachment> desired, Ipv4Address? fallbackSource)
    {
        _fallbackSource = fallbackSource;
        foreach (var attachment in desired)
            _desired[attachment.Address] = attachment;
        Dump(ClearLinks, () => kernel.Netlink.DumpLinks("tun", SeeLink));
        Dump(_orphanRoutes.Clear, () => kernel.Netlink.DumpRoutes(HostNetworkMarks.RouteProtocol, SeeRoute));
        Dump(_orphanNeighbours.Clear, () => kernel.Netlink.DumpNeighbours(0, SeeNeighbour));
        var bridge = BridgeReconciliation.Read(
            kernel,
            _desired.Values.Where(attachment => attachment.Mode == NetworkMode.Bridge),
            networks
        );
        foreach (var address in bridge.Wrong)
            if (_found.TryGetValue(address, out var found))
                _found[address] = found with { Wrong = found.Wrong | Parts.Bridge };
        var failures = Mend();
        bridge.Apply(changes);
        Remove(failures);
        return failures;
    }

    private static void Dump(Action clear, Func<bool> dump)
    {
        for (var tries = 0; tries < DumpTries; tries++)
        {
            clear();
            if (dump())
                return;
        }
    }

    private void ClearLinks()
    {
        _addressOfLink.Clear();
        _found.Clear();
        _orphanLinks.Clear();
    }

    private void SeeLink(LinkEntry link)
    {
        if (!AttachmentSetup.IsOurs(link) || !HostNetworkMarks.TryReadTapName(link.Name, out var address))
            return;
        _addressOfLink[link.Index] = address;
        if (!_desired.TryGetValue(address, out var wanted))
        {
            _orphanLinks.Add((link.Index, address));
            return;
        }
        var wrong = Parts.None;
        if (!link.IsUp)
            wrong |= Parts.LinkUp;
        var isRouted = wanted.Mode == NetworkMode.Routed;
        if (
            link is not { ReversePathFilter: 1, HasIpv6: false }
            || link.Forwarding != isRouted
            || link.ProxyArp != isRouted
            || link.Group != HostNetworkMarks.LinkGroup
            || link.Mac != HostNetworkMarks.RouterMac
        )
            wrong |= Parts.Settings;
        if (link.Tap is not { VnetHeader: true, Persistent: true } tap || tap.OwnerUid != wanted.OwnerUid)
            wrong |= Parts.Tap;
        if (isRouted != (link.Master == 0))
            wrong |= Parts.Bridge;
        // Route and neighbour are wrong until they are seen.
        _found[address] = new Found(link.Index, isRouted ? wrong | Parts.Route | Parts.Neighbour : wrong);
    }

    private void SeeRoute(RouteEntry route)
    {
        if (route.Protocol != HostNetworkMarks.RouteProtocol || route.Destination.PrefixLength != 32)
            return;
        var address = route.Destination.Address;
        if (!_desired.TryGetValue(address, out var wanted) || wanted.Mode == NetworkMode.Bridge)
        {
            _orphanRoutes.Add(route);
            return;
        }
        if (
            _found.TryGetValue(address, out var found)
            && route.Index == found.Index
            && route is { Type: RouteEntry.Unicast, Priority: 0 }
            && route.PreferredSource == (wanted.Gateway ?? _fallbackSource)
        )
            _found[address] = found with { Wrong = found.Wrong & ~Parts.Route };
    }

    private void SeeNeighbour(NeighbourEntry neighbour)
    {
        if (!neighbour.IsPermanent || !_addressOfLink.TryGetValue(neighbour.Index, out var address))
            return;
        if (
            neighbour.Address != address
            || (_desired.TryGetValue(address, out var wanted) && wanted.Mode == NetworkMode.Bridge)
        )
            _orphanNeighbours.Add(neighbour);
        else if (_found.TryGetValue(address, out var found) && neighbour.Mac == _desired[address].Mac)
            _found[address] = found with { Wrong = found.Wrong & ~Parts.Neighbour };
    }

    private List<HostNetworkException> Mend()
    {
        var failures = new List<HostNetworkException>();
        var batch = new List<Attachment>(AttachmentsPerBatch);
        foreach (var attachment in _desired.Values)
        {
            if (_found.TryGetValue(attachment.Address, out var found) && found.Wrong == Parts.None)
                continue;
            batch.Add(attachment);
            if (batch.Count < AttachmentsPerBatch)
                continue;
            Mend(batch, failures);
            batch.Clear();
        }
        Mend(batch, failures);
        return failures;
    }

    private void Mend(List<Attachment> batch, List<HostNetworkException> failures)
    {
        var results = setup.Attach(batch, _fallbackSource);
        for (var i = 0; i < results.Length; i++)
        {
            var attachment = batch[i];
            if (results[i] is { } failure)
                failures.Add(failure);
            else if (_found.TryGetValue(attachment.Address, out var found))
                changes.Add("mended", $"mended {Describe(found.Wrong)} of {attachment.TapName} ({attachment.Address})");
            else
                changes.Add("attached", $"attached {attachment.Address} through {attachment.TapName}");
        }
    }

    private void Remove(List<HostNetworkException> failures)
    {
        var batch = new NetlinkBatch();
        foreach (var route in _orphanRoutes)
        {
            batch.RouteDelete(route.Destination, route.Index, HostNetworkMarks.RouteProtocol);
            changes.Add("routes", $"removed the route to {route.Destination.Address}");
        }
        foreach (var neighbour in _orphanNeighbours)
        {
            batch.NeighbourDelete(neighbour.Index, neighbour.Address);
            changes.Add("neighbours", $"removed the neighbour entry of {neighbour.Address}");
        }
        foreach (var error in kernel.Netlink.Execute(batch))
            if (error is { IsMissing: false })
                failures.Add(new HostNetworkException($"An orphaned entry could not be removed: {error}"));
        var errors = setup.DeleteLinks(_orphanLinks);
        for (var i = 0; i < errors.Length; i++)
        {
            var name = new Attachment(_orphanLinks[i].Address, null, 0).TapName;
            if (errors[i] is { } error)
                failures.Add(new HostNetworkException($"TAP {name} could not be removed: {error}"));
            else
                changes.Add("removed", $"removed {name}, which no attachment uses");
        }
    }

    private static string Describe(Parts parts) =>
        string.Join(
            ", ",
            Enum.GetValues<Parts>().Where(part => part != Parts.None && parts.HasFlag(part)).Select(Word)
        );

    private static string Word(Parts part) =>
        part switch
        {
            Parts.Tap => "owner or mode",
            Parts.LinkUp => "link state",
            Parts.Settings => "settings",
            Parts.Route => "route",
            Parts.Bridge => "place on the bridge",
            _ => "neighbour",
        };

    [Flags]
    private enum Parts : byte
    {
        None = 0,
        Tap = 1,
        LinkUp = 2,
        Settings = 4,
        Route = 8,
        Neighbour = 16,
        Bridge = 32,
    }

    private readonly record struct Found(int Index, Parts Wrong);
}
