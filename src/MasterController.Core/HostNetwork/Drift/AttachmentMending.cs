using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>Makes what differs right, on the network thread: adds and mends many attachments at a time, removes orphans.</summary>
internal sealed class AttachmentMending(
    HostNetworkKernel kernel,
    AttachmentSetup setup,
    Ipv4Address? fallbackSource,
    ChangeLog changes
)
{
    internal const int PerBatch = 256;

    /// <returns>Each one's failure, or null.</returns>
    internal HostNetworkException?[] Mend(IReadOnlyList<(Attachment Attachment, AttachmentParts Wrong)> wrong)
    {
        var failures = setup.Attach([.. wrong.Select(item => item.Attachment)], fallbackSource);
        for (var i = 0; i < failures.Length; i++)
        {
            var (attachment, parts) = wrong[i];
            if (failures[i] is not null)
                continue;
            if (parts.HasFlag(AttachmentParts.Missing))
                changes.Add("attached", $"attached {attachment.Address} through {attachment.TapName}");
            else
                changes.Add("mended", $"mended {Describe(parts)} of {attachment.TapName} ({attachment.Address})");
        }
        return failures;
    }

    internal HostNetworkException?[] RemoveRoutes(IReadOnlyList<RouteEntry> routes)
    {
        var batch = new NetlinkBatch();
        foreach (var route in routes)
        {
            batch.RouteDelete(route.Destination, route.Index, HostNetworkMarks.RouteProtocol);
            changes.Add("routes", $"removed the route to {route.Destination.Address}");
        }
        return Execute(batch);
    }

    internal HostNetworkException?[] RemoveNeighbours(IReadOnlyList<NeighbourEntry> neighbours)
    {
        var batch = new NetlinkBatch();
        foreach (var neighbour in neighbours)
        {
            batch.NeighbourDelete(neighbour.Index, neighbour.Address);
            changes.Add("neighbours", $"removed the neighbour entry of {neighbour.Address}");
        }
        return Execute(batch);
    }

    internal HostNetworkException?[] RemoveDedicated(IReadOnlyList<(DedicatedEntry Entry, int Index)> entries)
    {
        var batch = new NetlinkBatch();
        foreach (var (entry, index) in entries)
        {
            entry.Remove(batch, index);
            changes.Add("dedicated", $"removed {entry.Words}");
        }
        return Execute(batch);
    }

    internal HostNetworkException?[] RemoveLinks(IReadOnlyList<(int Index, Ipv4Address Address)> links)
    {
        var failures = new HostNetworkException?[links.Count];
        var errors = setup.DeleteLinks(links);
        for (var i = 0; i < errors.Length; i++)
        {
            var name = new Attachment(links[i].Address, null, 0).TapName;
            if (errors[i] is { } error)
                failures[i] = new HostNetworkException($"TAP {name} could not be removed: {error}");
            else
                changes.Add("removed", $"removed {name}, which no attachment uses");
        }
        return failures;
    }

    private HostNetworkException?[] Execute(NetlinkBatch batch) =>
        Array.ConvertAll(
            kernel.Netlink.Execute(batch),
            error =>
                error is { IsMissing: false }
                    ? new HostNetworkException($"An orphaned entry could not be removed: {error}")
                    : null
        );

    private static string Describe(AttachmentParts parts) =>
        string.Join(
            ", ",
            Enum.GetValues<AttachmentParts>()
                .Where(part => part != AttachmentParts.None && parts.HasFlag(part))
                .Select(Word)
        );

    private static string Word(AttachmentParts part) =>
        part switch
        {
            AttachmentParts.Tap => "owner or mode",
            AttachmentParts.Link => "link state",
            AttachmentParts.Settings => "settings",
            AttachmentParts.Route => "route",
            AttachmentParts.Bridge => "place on the bridge",
            AttachmentParts.Dedicated => "dedicated addresses",
            _ => "neighbour",
        };
}
