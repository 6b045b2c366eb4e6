using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>Makes the bridge and its gateways, which are there once for all guests, and takes them away.</summary>
internal sealed class BridgeSetup(HostNetworkKernel kernel)
{
    /// <summary>Reads the bridge and changes nothing.</summary>
    /// <param name="adopts">Takes a bridge of somebody else for ours, which it is about to be.</param>
    internal BridgePlan Plan(IReadOnlyList<PoolNetwork> networks, bool adopts = false)
    {
        var wanted = networks.Where(network => network.Mode == NetworkMode.Bridge).ToList();
        var link = kernel.Netlink.FindLink(GuestBridge.Name);
        var isOurs = link is { } found && (GuestBridge.IsOurs(found) || (adopts && found.Kind == "bridge"));
        if (wanted.Count == 0 && !isOurs)
            return new BridgePlan(false, link, false, [], [], RemovesLink: false);
        var desired = AddressesOf(wanted);
        if (link is null)
            return new BridgePlan(true, null, false, [.. desired.Order(_byAddress)], [], RemovesLink: false);
        if (!isOurs)
            return new BridgePlan(true, link, false, [], [], RemovesLink: false);
        var present = new HashSet<BridgeAddress>();
        var leftOver = new List<AddressEntry>();
        kernel.Netlink.DumpAddresses(
            link.Value.Index,
            entry =>
            {
                var address = new BridgeAddress(entry.Address, entry.PrefixLength);
                present.Add(address);
                if (entry.Label == GuestBridge.AddressLabel && !desired.Contains(address))
                    leftOver.Add(entry);
            }
        );
        return new BridgePlan(
            wanted.Count > 0,
            link,
            true,
            [.. desired.Except(present).Order(_byAddress)],
            leftOver,
            RemovesLink: wanted.Count == 0 && GuestBridge.IsMadeByUs(link.Value) && !HasOtherPorts(link.Value.Index)
        );
    }

    internal void Add(BridgePlan plan, ChangeLog changes)
    {
        if (plan.IsObstructed || !(plan.MakesLink || plan.MendsLink || plan.Missing.Count > 0))
            return;
        var index = plan.Link?.Index ?? Make();
        var batch = new NetlinkBatch();
        if (plan.MakesLink || plan.MendsLink)
        {
            SetThroughProc();
            batch.LinkConfigure(
                index,
                plan.Link?.Mac ?? HostNetworkMarks.RouterMac,
                HostNetworkMarks.LinkGroup,
                AttachmentSetup.Settings
            );
            batch.LinkUp(index);
        }
        foreach (var (address, length) in plan.Missing)
            batch.AddressAdd(index, address, GuestBridge.AddressLabel, length);
        kernel.Netlink.ExecuteAll($"The bridge {GuestBridge.Name} could not be set up", batch);
        changes.AddDone(plan.Additions);
    }

    internal void Remove(BridgePlan plan, ChangeLog changes)
    {
        if (plan.Link is not { } link || (plan.LeftOver.Count == 0 && !plan.RemovesLink))
            return;
        var batch = new NetlinkBatch();
        foreach (var entry in plan.LeftOver)
            batch.AddressDelete(link.Index, entry.Address, GuestBridge.AddressLabel, entry.PrefixLength);
        if (plan.RemovesLink)
            batch.LinkDelete(link.Index);
        kernel.Netlink.ExecuteAll($"The bridge {GuestBridge.Name} could not be cleared", batch);
        changes.AddDone(plan.Removals);
    }

    private static readonly Comparer<BridgeAddress> _byAddress = Comparer<BridgeAddress>.Create(
        (one, other) => (one.Address, one.PrefixLength).CompareTo((other.Address, other.PrefixLength))
    );

    // The present gateway stands first; former ones are only answered.
    private static HashSet<BridgeAddress> AddressesOf(IReadOnlyList<PoolNetwork> networks)
    {
        var addresses = networks
            .Where(network => network.Gateways.Count > 0)
            .Select(network => new BridgeAddress(network.Gateways[0], network.Network.PrefixLength))
            .ToHashSet();
        foreach (var former in networks.SelectMany(network => network.Gateways.Skip(1)))
            if (!addresses.Any(address => address.Address == former))
                addresses.Add(new BridgeAddress(former, 32));
        return addresses;
    }

    // TAPs of ours that are left over go with the bridge's last pool; anything else on it keeps it.
    private bool HasOtherPorts(int bridge)
    {
        var others = false;
        kernel.Netlink.DumpLinks(
            kind: null,
            port => others |= !(AttachmentSetup.IsOurs(port) && HostNetworkMarks.TryReadTapName(port.Name, out _)),
            bridge
        );
        return others;
    }

    private int Make()
    {
        var batch = new NetlinkBatch();
        batch.BridgeAdd(GuestBridge.Name, HostNetworkMarks.RouterMac, HostNetworkMarks.LinkGroup);
        kernel.Netlink.ExecuteAll($"The bridge {GuestBridge.Name} could not be made", batch);
        return kernel.Netlink.FindLink(GuestBridge.Name)?.Index
            ?? throw new HostNetworkException($"The bridge {GuestBridge.Name} went away while it was being made");
    }

    // Of two gateways in one network the kernel takes the second away with the first, unless told to keep it.
    private void SetThroughProc()
    {
        AttachmentSetup.SetThroughProc(kernel, GuestBridge.Name);
        Sysctl.Write($"net/ipv4/conf/{GuestBridge.Name}/promote_secondaries", 1);
    }
}
