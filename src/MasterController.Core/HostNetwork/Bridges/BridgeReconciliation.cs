using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>
/// Compares the guests of the bridge with its ports, forwarding and neighbour entries and with the sets of our table. There
/// are <see cref="GuestBridge.MostPorts"/> of them at most.
/// </summary>
internal sealed class BridgeReconciliation
{
    private readonly HostNetworkKernel _kernel;
    private readonly Dictionary<string, BridgeGuest> _desired;
    private readonly Dictionary<Ipv4Address, string> _wrong = [];
    private readonly List<(int Index, MacAddress Mac, string Port)> _orphanForwarding = [];
    private readonly List<NeighbourEntry> _orphanNeighbours = [];
    private IReadOnlyList<string> _orphanGuests = [];
    private IReadOnlyList<string> _orphanPorts = [];
    private IReadOnlyList<BridgeGuest> _adoptedToAdd = [];
    private int _bridge;

    private BridgeReconciliation(HostNetworkKernel kernel, IEnumerable<BridgeGuest> desired)
    {
        _kernel = kernel;
        _desired = desired.ToDictionary(guest => guest.Port);
    }

    /// <summary>Reads what there is and changes nothing.</summary>
    /// <param name="desired">All; those in bridge mode count, and of others nothing is to be on the bridge.</param>
    internal static BridgeReconciliation Read(
        HostNetworkKernel kernel,
        IEnumerable<Attachment> desired,
        IReadOnlyList<PoolNetwork> networks
    )
    {
        var isWanted = networks.Any(network => network.Mode == NetworkMode.Bridge);
        var bridge = GuestBridge.FindOurs(kernel.Netlink);
        if (!isWanted && bridge is null)
            return new BridgeReconciliation(kernel, []);
        var result = new BridgeReconciliation(
            kernel,
            desired.Where(a => a.Mode == NetworkMode.Bridge).Select(a => BridgeGuest.Of(a, networks))
        );
        if (bridge is { } found)
            result.Compare(found.Index, networks);
        else
            foreach (var guest in result._desired.Values)
                result._wrong[guest.Address] = $"there is no {GuestBridge.Name} of ours";
        return result;
    }

    /// <summary>Guests of whose place on the bridge something is missing or other than it should be, and what.</summary>
    internal IReadOnlyDictionary<Ipv4Address, string> Wrong => _wrong;

    /// <summary>What belongs to no guest, and adopted guests that are not let through.</summary>
    internal IEnumerable<Difference> Orphans =>
        [
            .. _adoptedToAdd.Select(guest => BridgeOrphan.OfAdopted(guest, _bridge)),
            .. _orphanGuests.Select(element => BridgeOrphan.OfGuest(element, _bridge)),
            .. _orphanPorts.Select(port => BridgeOrphan.OfPort(port, _bridge)),
            .. _orphanForwarding.Select(entry => BridgeOrphan.OfForwarding(entry.Mac, _desired[entry.Port], _bridge)),
            .. _orphanNeighbours.Select(entry => BridgeOrphan.OfNeighbour(entry.Address, _bridge)),
        ];

    /// <summary>Lets adopted guests through again, and takes away what belongs to nobody.</summary>
    internal void RemoveOrphans(ChangeLog changes)
    {
        var firewall = new BridgeFirewall(_kernel.Nftables);
        if (_adoptedToAdd.Count > 0)
            firewall.Add(_adoptedToAdd);
        foreach (var guest in _adoptedToAdd)
            changes.Add("guests", $"added {guest.Element} to the set {BridgeRuleset.Guests}");

        if (_orphanGuests.Count + _orphanPorts.Count > 0)
            firewall.Remove(_orphanGuests, _orphanPorts);
        foreach (var element in _orphanGuests)
            changes.Add("guests", $"removed {element} from the set {BridgeRuleset.Guests}");
        foreach (var port in _orphanPorts)
            changes.Add("guests", $"removed {port} from the set {BridgeRuleset.OpenPorts}");

        var batch = new NetlinkBatch();
        foreach (var (index, mac, port) in _orphanForwarding)
        {
            batch.ForwardingDelete(index, mac);
            changes.Add("forwarding", $"removed the forwarding entry of {mac} on {port}");
        }
        foreach (var neighbour in _orphanNeighbours)
        {
            batch.NeighbourDelete(neighbour.Index, neighbour.Address);
            changes.Add("neighbours", $"removed the neighbour entry of {neighbour.Address}");
        }
        if (_kernel.Netlink.Execute(batch).FirstOrDefault(error => error is { IsMissing: false }) is { } refused)
            throw new HostNetworkException($"An orphaned entry of {GuestBridge.Name} could not be removed: {refused}");
    }

    private void Compare(int bridge, IReadOnlyList<PoolNetwork> networks)
    {
        _bridge = bridge;
        var ports = new Dictionary<int, LinkEntry>();
        _kernel.Netlink.DumpLinks("tun", link => ports[link.Index] = link, bridge);
        var forwarding = ReadForwarding(bridge, ports);
        var neighbours = new Dictionary<Ipv4Address, MacAddress?>();
        _kernel.Netlink.DumpNeighbours(
            bridge,
            entry =>
            {
                if (entry.IsPermanent)
                    neighbours[entry.Address] = entry.Mac;
            }
        );
        var sets = new BridgeFirewall(_kernel.Nftables).Read();
        var byName = ports.Values.ToDictionary(port => port.Name);
        foreach (var guest in _desired.Values)
        {
            var why =
                !byName.TryGetValue(guest.Port, out var port) ? $"no port of {GuestBridge.Name}"
                : port.Port != guest.PortSettings ? "a port with other settings"
                : !forwarding.Contains((port.Index, guest.Mac)) ? $"no forwarding entry of {guest.Mac}"
                : neighbours.GetValueOrDefault(guest.Address) != guest.Mac ? "no such neighbour entry"
                : sets?.Guests.Contains(guest.Element) != true ? $"not in the set {BridgeRuleset.Guests}"
                : sets.OpenPorts.Contains(guest.Port) == guest.IsOpen ? null
                : $"{(guest.IsOpen ? "not " : "")}in the set {BridgeRuleset.OpenPorts}";
            if (why is not null)
                _wrong[guest.Address] = why;
        }

        // An entry of somebody else's has another hardware address than ours for that address.
        var own = _desired.Values.Select(guest => guest.Address).ToHashSet();
        _orphanNeighbours.AddRange(
            neighbours
                .Where(entry => !own.Contains(entry.Key) && entry.Value == new Attachment(entry.Key, null, 0).Mac)
                .Select(entry => new NeighbourEntry(bridge, entry.Key, IsPermanent: true, entry.Value))
        );
        CompareSets(sets, [.. AdoptedTap.Of(ports.Values, networks)]);
    }

    private HashSet<(int, MacAddress)> ReadForwarding(int bridge, Dictionary<int, LinkEntry> ports)
    {
        var found = new HashSet<(int, MacAddress)>();
        _kernel.Netlink.DumpForwarding(
            bridge,
            entry =>
            {
                if (!entry.IsStatic || !ports.TryGetValue(entry.Index, out var port))
                    return;
                found.Add((entry.Index, entry.Mac));
                if (_desired.TryGetValue(port.Name, out var guest) && guest.Mac != entry.Mac)
                    _orphanForwarding.Add((entry.Index, entry.Mac, port.Name));
            }
        );
        return found;
    }

    private void CompareSets(BridgeFirewallSets? sets, IReadOnlyList<BridgeGuest> adopted)
    {
        if (sets is null)
            return;
        List<BridgeGuest> all = [.. _desired.Values, .. adopted];
        _orphanGuests = [.. sets.Guests.Except(all.Select(guest => guest.Element)).Order(StringComparer.Ordinal)];
        // That of a VM which is not to be open is a part of it that differs, and mended with the others.
        _orphanPorts =
        [
            .. sets
                .OpenPorts.Except(adopted.Where(guest => guest.IsOpen).Select(guest => guest.Port))
                .Except(_desired.Keys)
                .Order(StringComparer.Ordinal),
        ];
        _adoptedToAdd =
        [
            .. adopted.Where(g => !sets.Guests.Contains(g.Element) || (g.IsOpen && !sets.OpenPorts.Contains(g.Port))),
        ];
    }
}
