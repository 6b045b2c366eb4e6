using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>
/// Repairs attachments' differences, on the network thread and in batches that let other work in between. Each is looked
/// at again first: what is right by now, or was attached or detached meanwhile, is left alone.
/// </summary>
internal sealed class RepairWork(HostNetworkKernel kernel, DesiredState desired)
{
    private readonly Ipv4Address? _fallbackSource = desired.FallbackSource;
    private readonly AttachmentCheck _check = new(kernel, desired.Networks, desired.FallbackSource, desired.Uplink);

    /// <param name="differences">Of attachments, ours; all of one address in one call.</param>
    internal IReadOnlyList<RepairOutcome> Run(IReadOnlyList<Difference> differences, ChangeLog changes)
    {
        var mending = new AttachmentMending(
            kernel,
            new AttachmentSetup(kernel, desired.Networks, desired.Uplink),
            _fallbackSource,
            changes
        );
        return
        [
            .. Mend([.. differences.Where(difference => difference.OrphanOn is null)], mending),
            .. Remove([.. differences.Where(difference => IsOrphan(difference, onBridge: false))], mending),
            .. Clear([.. differences.Where(difference => IsOrphan(difference, onBridge: true))], changes),
        ];
    }

    private static bool IsOrphan(Difference difference, bool onBridge) =>
        difference.OrphanOn is not null && (difference.Object == DriftObject.Bridge) == onBridge;

    // What is on the bridge is read and cleared as a whole: it is little.
    private IEnumerable<RepairOutcome> Clear(List<Difference> differences, ChangeLog changes)
    {
        if (differences.Count == 0)
            return [];
        var guests = BridgeReconciliation.Read(kernel, desired.All, desired.Networks);
        guests.RemoveOrphans(changes);
        var removed = guests.Orphans.Select(orphan => orphan.Key).ToHashSet();
        return differences.Select(difference => new RepairOutcome(difference, removed.Contains(difference.Key), null));
    }

    private IEnumerable<RepairOutcome> Mend(List<Difference> differences, AttachmentMending mending)
    {
        var attachments = new List<Attachment>();
        foreach (var address in differences.Select(difference => difference.Address!.Value).Distinct())
            if (desired.TryGet(address, out var attachment))
                attachments.Add(attachment);
        var before = Wrong(attachments);
        var wrong = attachments.Where(item => before[item.Address] != AttachmentParts.None).ToList();
        var failures = mending.Mend([.. wrong.Select(item => (item, before[item.Address]))]);
        var after = Wrong(wrong);
        var why = new Dictionary<Ipv4Address, string>();
        for (var i = 0; i < wrong.Count; i++)
            if (failures[i] is { } failure)
                why[wrong[i].Address] = failure.Message;
        foreach (var difference in differences)
        {
            var address = difference.Address!.Value;
            var part = PartOf(difference);
            var wasWrong =
                before.TryGetValue(address, out var parts) && (parts & (part | AttachmentParts.Missing)) != 0;
            var isWrong = after.TryGetValue(address, out parts) && (parts & (part | AttachmentParts.Missing)) != 0;
            yield return new RepairOutcome(
                difference,
                wasWrong && !isWrong,
                isWrong ? why.GetValueOrDefault(address, "it is as it was after it was set right") : null
            );
        }
    }

    private Dictionary<Ipv4Address, AttachmentParts> Wrong(List<Attachment> attachments)
    {
        var found = _check.Run(attachments);
        var wrong = new Dictionary<Ipv4Address, AttachmentParts>(attachments.Count);
        for (var i = 0; i < found.Count; i++)
            wrong[attachments[i].Address] = found[i].Compare(attachments[i], _fallbackSource);
        return wrong;
    }

    /// <summary>1. what was for dedicated addresses; 2. routes; 3. neighbours; 4. TAPs, many for the kernel's price of one.</summary>
    private IEnumerable<RepairOutcome> Remove(List<Difference> differences, AttachmentMending mending)
    {
        var failures = new Dictionary<Difference, string?>(differences.Count);

        // 1
        var dedicated = differences.FindAll(IsLeftOfDedicated);
        Note(dedicated, mending.RemoveDedicated(dedicated.ConvertAll(d => (d.Dedicated!.Value, d.OrphanOn!.Value))));

        // 2
        var routes = differences.FindAll(difference => IsLeft(difference, DriftObject.Route));
        Note(
            routes,
            mending.RemoveRoutes(
                routes.ConvertAll(route => new RouteEntry
                {
                    Destination = new Ipv4Network(route.Address!.Value, 32),
                    Index = route.OrphanOn!.Value,
                })
            )
        );

        // 3
        var neighbours = differences.FindAll(difference => IsLeft(difference, DriftObject.Neighbour));
        Note(
            neighbours,
            mending.RemoveNeighbours(
                neighbours.ConvertAll(entry => new NeighbourEntry
                {
                    Address = entry.Address!.Value,
                    Index = entry.OrphanOn!.Value,
                })
            )
        );

        // 4
        var taps = differences.FindAll(difference => IsLeft(difference, DriftObject.Tap));
        Note(taps, mending.RemoveLinks(taps.ConvertAll(tap => (tap.OrphanOn!.Value, tap.Address!.Value))));

        return differences.Select(difference => new RepairOutcome(
            difference,
            failures.TryGetValue(difference, out var failure) && failure is null,
            failure
        ));

        void Note(List<Difference> removed, HostNetworkException?[] results)
        {
            for (var i = 0; i < results.Length; i++)
                failures[removed[i]] = results[i]?.Message;
        }
    }

    // Whether it is of that kind, still there, and desired by nobody meanwhile.
    private bool IsLeft(Difference difference, DriftObject kind)
    {
        if (difference.Object != kind || difference.Dedicated is not null)
            return false;
        var (address, link) = (difference.Address!.Value, difference.OrphanOn!.Value);
        return kind switch
        {
            DriftObject.Route => !desired.TryGetPublic(address, out _)
                && (!desired.TryGet(address, out var wanted) || wanted.Mode == NetworkMode.Bridge),
            DriftObject.Tap => !desired.TryGet(address, out _) && FindOurs(link) is { } tap && Owns(tap, address),
            _ => FindOurs(link) is { } other
                && !Owns(other, address)
                && kernel.Netlink.FindNeighbour(link, address) is { IsPermanent: true },
        };
    }

    // Its request says whether it is still there.
    private bool IsLeftOfDedicated(Difference difference)
    {
        if (difference is not { Dedicated: { } entry, OrphanOn: { } index })
            return false;
        if (entry.Ipv4 is { } given)
            return !desired.TryGetPublic(given, out _) || !IsUplink(index);
        if (!desired.TryGet(entry.Ipv6!.Value, out var owner))
            return true;
        return entry.IsProxy
            ? !desired.Uplink.ProxiesIpv6 || !IsUplink(index)
            : kernel.Netlink.FindLink(index)?.Name != owner.TapName;
    }

    private bool IsUplink(int index) => desired.Uplink.Find(kernel.Netlink)?.Index == index;

    private LinkEntry? FindOurs(int index) =>
        kernel.Netlink.FindLink(index) is { } link && AttachmentSetup.IsOurs(link) ? link : null;

    private static bool Owns(LinkEntry link, Ipv4Address address) =>
        HostNetworkMarks.TryReadTapName(link.Name, out var own) && own == address;

    private static AttachmentParts PartOf(Difference difference) =>
        difference.Object switch
        {
            _ when difference.Dedicated is not null => AttachmentParts.Dedicated,
            DriftObject.Tap => AttachmentParts.Tap,
            DriftObject.Link => AttachmentParts.Link,
            DriftObject.Sysctl => AttachmentParts.Settings,
            DriftObject.Route => AttachmentParts.Route,
            DriftObject.Bridge => AttachmentParts.Bridge,
            _ => AttachmentParts.Neighbour,
        };
}
