using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>
/// Compares attachments with one dump each of TAPs, our routes and neighbours. Keeps some 40 bytes for each
/// attachment, no lists of what the kernel said. What dedicated addresses need is compared beside it.
/// </summary>
internal sealed class AttachmentComparison
{
    // Changes while a dump runs are usual on a busy host. What such a dump gets wrong is looked at once more, or made right
    // by requests that may be repeated, so after some tries it is good enough.
    private const int DumpTries = 3;

    private readonly Attachment[] _desired;

    // Sorted, each at the place of its attachment.
    private readonly uint[] _addresses;
    private readonly int[] _links;
    private readonly AttachmentParts[] _wrong;

    // By interface number: the place of its attachment, or the complement of that among the orphans.
    private readonly Dictionary<int, int> _slots;
    private readonly Ipv4Address? _fallbackSource;
    private readonly DedicatedComparison _dedicated;

    private AttachmentComparison(
        HostNetworkKernel kernel,
        IReadOnlyCollection<Attachment> desired,
        Ipv4Address? fallbackSource,
        DedicatedUplink uplink
    )
    {
        _desired = [.. desired];
        _addresses = Array.ConvertAll(_desired, attachment => attachment.Address.Value);
        Array.Sort(_addresses, _desired);
        _links = new int[_desired.Length];
        _wrong = new AttachmentParts[_desired.Length];
        _slots = new Dictionary<int, int>(_desired.Length);
        _fallbackSource = fallbackSource;
        _dedicated = new DedicatedComparison(
            _desired,
            uplink,
            uplink.Find(kernel.Netlink)?.Index ?? 0,
            GuestBridge.FindOurs(kernel.Netlink)?.Index ?? 0,
            fallbackSource
        );
    }

    /// <summary>TAPs of ours that nobody desires.</summary>
    internal List<(int Index, Ipv4Address Address)> OrphanLinks { get; } = [];

    /// <summary>Routes of ours to where no attachment is.</summary>
    internal List<RouteEntry> OrphanRoutes { get; } = [];

    /// <summary>Permanent entries on TAPs of ours, of other addresses than the TAP's own.</summary>
    internal List<NeighbourEntry> OrphanNeighbours { get; } = [];

    /// <summary>What is ours of dedicated addresses that nobody has.</summary>
    internal IReadOnlyList<(DedicatedEntry Entry, int Index)> OrphanDedicated => _dedicated.Orphans;

    /// <summary>TAPs with a name as ours have that are not ours.</summary>
    internal List<LinkEntry> Namesakes { get; } = [];

    /// <summary>Desired attachments whose TAP is there.</summary>
    internal int Present { get; private set; }

    /// <summary>Reads the kernel and changes nothing.</summary>
    /// <param name="desired">Of different addresses.</param>
    /// <param name="uplink">Where dedicated addresses come in.</param>
    /// <param name="guests">What was found on the bridge.</param>
    /// <param name="visitOthers">Is given all routes of others, of every table.</param>
    internal static AttachmentComparison Read(
        HostNetworkKernel kernel,
        IReadOnlyCollection<Attachment> desired,
        Ipv4Address? fallbackSource,
        DedicatedUplink uplink,
        BridgeReconciliation guests,
        Action<RouteEntry> visitOthers
    )
    {
        var netlink = kernel.Netlink;
        var comparison = new AttachmentComparison(kernel, desired, fallbackSource, uplink);
        Dump(comparison.ClearLinks, () => netlink.DumpLinks("tun", comparison.SeeLink));
        Dump(
            comparison.ClearRoutes,
            () =>
                netlink.DumpRoutesOfAllTables(route =>
                {
                    if (route.Protocol == HostNetworkMarks.RouteProtocol)
                        comparison.SeeRoute(route);
                    else
                        visitOthers(route);
                })
        );
        Dump(comparison.OrphanNeighbours.Clear, () => netlink.DumpNeighbours(0, comparison.SeeNeighbour));
        comparison._dedicated.Read(
            netlink,
            kernel.HasIpv6,
            Dump,
            index => comparison._slots.TryGetValue(index, out var found) ? found : null
        );
        foreach (var address in guests.Wrong.Keys)
            if (comparison.TryFind(address, out var slot))
                comparison._wrong[slot] |= AttachmentParts.Bridge;
        for (var slot = 0; slot < comparison._desired.Length; slot++)
            if (comparison._links[slot] != 0 && comparison._dedicated.IsWrong(slot))
                comparison._wrong[slot] |= AttachmentParts.Dedicated;
        return comparison;
    }

    /// <summary>The attachments of which a part differs, or seemed to while things changed.</summary>
    internal IEnumerable<(Attachment Attachment, AttachmentParts Wrong)> Wrong
    {
        get
        {
            for (var slot = 0; slot < _desired.Length; slot++)
                if (_wrong[slot] != AttachmentParts.None)
                    yield return (_desired[slot], _wrong[slot]);
        }
    }

    /// <summary>
    /// Reads how long TAPs delay answers to ARP for others' addresses, which no dump tells at a constant price.
    /// </summary>
    /// <param name="first">The place of the first that is read; any number.</param>
    internal void ReadProxyDelays(int first, int most)
    {
        for (var i = 0; i < Math.Min(most, _desired.Length); i++)
        {
            var slot = (int)(((uint)first + (uint)i) % (uint)_desired.Length);
            if (_links[slot] != 0 && ReadProxyDelay(_desired[slot]) is not 0)
                _wrong[slot] |= AttachmentParts.Settings;
        }
    }

    /// <summary>In hundredths of a second; null where there is no such interface.</summary>
    internal static long? ReadProxyDelay(Attachment attachment) =>
        Sysctl.Read($"net/ipv4/neigh/{attachment.TapName}/proxy_delay");

    private static void Dump(Action clear, Func<bool> dump)
    {
        for (var tries = 0; tries < DumpTries; tries++)
        {
            clear();
            if (dump())
                return;
        }
    }

    private void ClearRoutes()
    {
        OrphanRoutes.Clear();
        _dedicated.ForgetPublicRoutes();
    }

    private bool TryFind(Ipv4Address address, out int slot)
    {
        slot = Array.BinarySearch(_addresses, address.Value);
        return slot >= 0;
    }

    private bool IsOnBridge(int slot) => _desired[slot].Mode == NetworkMode.Bridge;

    private void ClearLinks()
    {
        Array.Fill(_wrong, AttachmentParts.Missing);
        Array.Clear(_links);
        _slots.Clear();
        OrphanLinks.Clear();
        Namesakes.Clear();
        Present = 0;
    }

    private void SeeLink(LinkEntry link)
    {
        if (!HostNetworkMarks.TryReadTapName(link.Name, out var address))
            return;
        var isDesired = TryFind(address, out var slot);
        if (isDesired ? !AttachmentSetup.IsOurs(link, _desired[slot]) : !AttachmentSetup.IsOurs(link))
        {
            Namesakes.Add(link);
            return;
        }
        if (!isDesired)
        {
            _slots[link.Index] = ~OrphanLinks.Count;
            OrphanLinks.Add((link.Index, address));
            return;
        }
        if (_links[slot] == 0)
            Present++;
        _slots[link.Index] = slot;
        _links[slot] = link.Index;
        _wrong[slot] = AttachmentExpectation.Compare(link, _desired[slot]);
        // Route and neighbour are wrong until they are seen; a guest of the bridge has none on its TAP.
        if (!IsOnBridge(slot))
            _wrong[slot] |= AttachmentParts.Route | AttachmentParts.Neighbour;
    }

    private void SeeRoute(RouteEntry route)
    {
        if (route.Destination.PrefixLength != 32)
            return;
        if (_dedicated.TrySeePublic(route, slot => _links[slot]))
            return;
        if (!TryFind(route.Destination.Address, out var slot) || IsOnBridge(slot))
            OrphanRoutes.Add(route);
        else if (
            route.Table == RouteEntry.MainTable
            && _links[slot] != 0
            && AttachmentExpectation.IsRight(route, _links[slot], _desired[slot], _fallbackSource)
        )
            _wrong[slot] &= ~AttachmentParts.Route;
    }

    private void SeeNeighbour(NeighbourEntry neighbour)
    {
        if (!neighbour.IsPermanent || !_slots.TryGetValue(neighbour.Index, out var slot))
            return;
        var own = slot < 0 ? OrphanLinks[~slot].Address : _desired[slot].Address;
        if (neighbour.Address != own || (slot >= 0 && IsOnBridge(slot)))
            OrphanNeighbours.Add(neighbour);
        else if (slot >= 0 && AttachmentExpectation.IsRight(neighbour, _desired[slot]))
            _wrong[slot] &= ~AttachmentParts.Neighbour;
    }
}
