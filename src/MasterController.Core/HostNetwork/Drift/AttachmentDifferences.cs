using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>Looks once more at what a comparison found, one by one, and tells it in words.</summary>
internal sealed class AttachmentDifferences(
    HostNetworkKernel kernel,
    IReadOnlyList<PoolNetwork> networks,
    Ipv4Address? fallbackSource,
    DedicatedUplink uplink
)
{
    private const string None = "none";
    private const string Orphan = "there, and no attachment uses it";

    /// <param name="passOver">What is being made or removed at the moment.</param>
    internal IEnumerable<Difference> Of(AttachmentComparison comparison, Predicate<Ipv4Address> passOver)
    {
        var check = new AttachmentCheck(kernel, networks, fallbackSource, uplink);
        var wrong = comparison.Wrong.Select(item => item.Attachment).Where(item => !passOver(item.Address));
        foreach (var chunk in wrong.Chunk(AttachmentMending.PerBatch))
        {
            var found = check.Run(chunk);
            for (var i = 0; i < chunk.Length; i++)
                foreach (var difference in Of(chunk[i], found[i]))
                    yield return difference with
                    {
                        Address = chunk[i].Address,
                    };
        }
        foreach (var (index, address) in comparison.OrphanLinks)
            yield return OrphanOf(DriftObject.Tap, new Attachment(address, null, 0).TapName, address, index);
        foreach (var route in comparison.OrphanRoutes)
            yield return OrphanOf(
                DriftObject.Route,
                route.Destination.Address.ToString(),
                route.Destination.Address,
                route.Index
            );
        foreach (var entry in comparison.OrphanNeighbours)
            yield return OrphanOf(
                DriftObject.Neighbour,
                $"{entry.Address} dev {kernel.Netlink.FindLink(entry.Index)?.Name}",
                entry.Address,
                entry.Index
            );
        foreach (var (entry, index) in comparison.OrphanDedicated)
        {
            var link = kernel.Netlink.FindLink(index)?.Name;
            yield return new(entry.Object, entry.NameOn(link), None, Orphan)
            {
                // Of one on a TAP the guest; one on the uplink is about its address alone.
                Address = HostNetworkMarks.TryReadTapName(link, out var guest) ? guest : entry.Ipv4,
                Dedicated = entry,
                OrphanOn = index,
            };
        }
    }

    private static Difference OrphanOf(DriftObject kind, string name, Ipv4Address address, int link) =>
        new(kind, name, None, Orphan) { Address = address, OrphanOn = link };

    private IEnumerable<Difference> Of(Attachment wanted, AttachmentCheck.Found found)
    {
        var wrong = found.Compare(wanted, fallbackSource);
        if (wrong.HasFlag(AttachmentParts.Missing))
        {
            yield return new(
                DriftObject.Tap,
                wanted.TapName,
                AttachmentExpectation.TapText(wanted),
                found.Link is null ? AttachmentExpectation.Missing : "an interface of that name that is not ours"
            )
            {
                Advice =
                    $"restart the VM at {wanted.Address}: its hypervisor still holds the interface that was deleted, "
                    + "and has no network",
            };
            if (found.Link is { } namesake)
                yield return ForeignDifferences.OfNamesake(namesake);
            yield break;
        }
        var link = found.Link!.Value;
        if (wrong.HasFlag(AttachmentParts.Tap))
            yield return new(
                DriftObject.Tap,
                wanted.TapName,
                AttachmentExpectation.TapText(wanted),
                AttachmentExpectation.DescribeTap(link)
            );
        if (wrong.HasFlag(AttachmentParts.Link))
            yield return new(
                DriftObject.Link,
                wanted.TapName,
                AttachmentExpectation.LinkText,
                AttachmentExpectation.Describe(link)
            );
        if (wrong.HasFlag(AttachmentParts.Settings))
            yield return new(
                DriftObject.Sysctl,
                wanted.TapName,
                AttachmentExpectation.SettingsText(wanted),
                AttachmentExpectation.DescribeSettings(link, found.ProxyDelay)
            );
        if (wrong.HasFlag(AttachmentParts.Route))
            yield return new(
                DriftObject.Route,
                wanted.Address.ToString(),
                AttachmentExpectation.RouteText(wanted, fallbackSource),
                DescribeRoute(found.Route)
            );
        if (wrong.HasFlag(AttachmentParts.Neighbour))
            yield return new(
                DriftObject.Neighbour,
                wanted.Address.ToString(),
                AttachmentExpectation.NeighbourText(wanted),
                found.Neighbour is { } neighbour
                    ? AttachmentExpectation.Describe(neighbour)
                    : AttachmentExpectation.Missing
            );
        foreach (var finding in found.Dedicated.Where(finding => !finding.IsRight))
            yield return new(
                finding.Entry.Object,
                finding.Entry.NameOn(finding.Entry.LinkOf(wanted, uplink)),
                finding.Entry.Expected(wanted, uplink, fallbackSource),
                finding.Found
            )
            {
                Dedicated = finding.Entry,
            };
        if (wrong.HasFlag(AttachmentParts.Bridge))
            yield return new(
                DriftObject.Bridge,
                wanted.TapName,
                wanted.Mode == NetworkMode.Bridge ? BridgeGuest.Of(wanted, networks).Text : "no port of a bridge",
                found.OnBridge ?? "a port of a bridge"
            );
    }

    // What leads elsewhere says whose it is by its protocol; a network's route is none of this address.
    private string DescribeRoute(RouteEntry? route) =>
        route is not { Destination.PrefixLength: 32 } found
            ? AttachmentExpectation.Missing
            : Survey.AddressLookUp.Text(found, found.Index > 0 ? kernel.Netlink.FindLink(found.Index)?.Name : null);
}
