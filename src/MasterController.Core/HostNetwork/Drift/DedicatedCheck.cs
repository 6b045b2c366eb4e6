using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;

namespace MasterController.Core.HostNetwork.Drift;

/// <summary>What the kernel has for one entry, in words.</summary>
internal readonly record struct DedicatedFinding(DedicatedEntry Entry, bool IsRight, string Found);

/// <summary>Looks at what single attachments have for dedicated addresses, whatever else there is.</summary>
internal sealed class DedicatedCheck(HostNetworkKernel kernel, DedicatedUplink uplink, Ipv4Address? fallbackSource)
{
    private readonly NetlinkBatch _batch = new();

    /// <param name="items">Attachments, each with where its TAP is; 0 for none, which has nothing.</param>
    /// <returns>For each its entries, in their order.</returns>
    internal IReadOnlyList<DedicatedFinding>[] Run(IReadOnlyList<(Attachment Attachment, int Tap)> items)
    {
        var findings = new DedicatedFinding[items.Count][];
        for (var i = 0; i < findings.Length; i++)
            findings[i] =
                items[i].Tap == 0
                    ? []
                    :
                    [
                        .. DedicatedEntry
                            .Of(items[i].Attachment, uplink)
                            .Select(e => new DedicatedFinding(e, false, "")),
                    ];
        if (Array.TrueForAll(findings, found => found.Length == 0))
            return findings;
        var places = new Places(uplink.Find(kernel.Netlink)?.Index, GuestBridge.FindOurs(kernel.Netlink)?.Index);
        Look(DedicatedParts.GatewayAddress, kernel.Netlink.GetIpv6Addresses, Judge);
        Look(DedicatedParts.Route | DedicatedParts.LinkLocalRoute, kernel.Netlink.GetIpv6Routes, Judge);
        Look(DedicatedParts.Neighbour | DedicatedParts.LinkLocalNeighbour, kernel.Netlink.GetIpv6Neighbours, Judge);
        Look(
            DedicatedParts.Proxy,
            kernel.Netlink.GetIpv6Neighbours,
            (entry, found, _, _) => JudgeProxy(found?.Protocol)
        );
        Look(DedicatedParts.PublicRoute, kernel.Netlink.GetRoutes, Judge);
        Look(
            DedicatedParts.PublicProxy,
            kernel.Netlink.GetNeighbours,
            (entry, found, _, _) => JudgeProxy(found?.Protocol)
        );
        return findings;

        void Look<T>(
            DedicatedParts parts,
            Func<NetlinkBatch, T?[]> ask,
            Func<DedicatedEntry, T?, Attachment, int, (bool, string)> judge
        )
            where T : struct
        {
            _batch.Clear();
            var asked = new List<(int Item, int Entry, int Index)>();
            for (var i = 0; i < findings.Length; i++)
            for (var j = 0; j < findings[i].Length; j++)
            {
                var entry = findings[i][j].Entry;
                if ((entry.Part & parts) == 0)
                    continue;
                // What is to be on an interface that is not there is made when it comes.
                if (places.Of(entry, items[i].Attachment, items[i].Tap) is not { } index)
                {
                    findings[i][j] = new(entry, IsRight: true, "");
                    continue;
                }
                Ask(entry, index);
                asked.Add((i, j, index));
            }
            if (asked.Count == 0)
                return;
            var answers = ask(_batch);
            for (var k = 0; k < answers.Length; k++)
            {
                var (i, j, index) = asked[k];
                var entry = findings[i][j].Entry;
                var (isRight, found) = judge(entry, answers[k], items[i].Attachment, index);
                findings[i][j] = new(entry, isRight, found);
            }
        }
    }

    private void Ask(DedicatedEntry entry, int index)
    {
        switch (entry.Part)
        {
            case DedicatedParts.GatewayAddress:
                _batch.AddressGet(index, entry.Ipv6!.Value);
                break;
            case DedicatedParts.Route:
                _batch.RouteMatch(entry.Ipv6!.Value);
                break;
            case DedicatedParts.LinkLocalRoute:
                _batch.RouteMatch(entry.Ipv6!.Value, index);
                break;
            case DedicatedParts.Proxy:
                _batch.ProxyGet(index, entry.Ipv6!.Value);
                break;
            case DedicatedParts.PublicRoute:
                _batch.RouteMatch(entry.Ipv4!.Value);
                break;
            case DedicatedParts.PublicProxy:
                _batch.ProxyGet(index, entry.Ipv4!.Value);
                break;
            default:
                _batch.NeighbourGet(index, entry.Ipv6!.Value);
                break;
        }
    }

    private static (bool, string) Judge(
        DedicatedEntry entry,
        Ipv6AddressEntry? found,
        Attachment attachment,
        int index
    ) =>
        found is not { } address
            ? (false, AttachmentExpectation.Missing)
            : (
                AttachmentExpectation.IsRightGateway(address),
                $"/{address.PrefixLength}{(address.MakesRoute ? " with a route for its prefix" : "")}"
            );

    private (bool, string) Judge(DedicatedEntry entry, Ipv6RouteEntry? found, Attachment attachment, int index) =>
        found is not { Destination.PrefixLength: 128 } route
            ? (false, AttachmentExpectation.Missing)
            : (
                AttachmentExpectation.IsRight(route, index),
                $"dev {kernel.Netlink.FindLink(route.Index)?.Name} proto {route.Protocol} metric {route.Priority}"
            );

    private (bool, string) Judge(DedicatedEntry entry, Ipv6NeighbourEntry? found, Attachment attachment, int index) =>
        found is not { } neighbour
            ? (false, AttachmentExpectation.Missing)
            : (
                AttachmentExpectation.IsRight(neighbour, attachment),
                AttachmentExpectation.Describe(neighbour.Mac, neighbour.IsPermanent)
            );

    private (bool, string) Judge(DedicatedEntry entry, RouteEntry? found, Attachment attachment, int index) =>
        found is not { Destination.PrefixLength: 32 } route
            ? (false, AttachmentExpectation.Missing)
            : (
                AttachmentExpectation.IsRightPublic(route, index, attachment, fallbackSource),
                AddressLookUp.Text(route, route.Index > 0 ? kernel.Netlink.FindLink(route.Index)?.Name : null)
            );

    // Without our number nobody would know it for ours once it is left over.
    private static (bool, string) JudgeProxy(byte? protocol) =>
        (
            protocol == HostNetworkMarks.RouteProtocol,
            protocol is { } number ? $"protocol {number}" : AttachmentExpectation.Missing
        );

    private readonly record struct Places(int? Uplink, int? Bridge)
    {
        internal int? Of(DedicatedEntry entry, Attachment attachment, int tap) =>
            entry.IsProxy ? Uplink
            : attachment.Mode == NetworkMode.Bridge ? Bridge
            : tap;
    }
}
