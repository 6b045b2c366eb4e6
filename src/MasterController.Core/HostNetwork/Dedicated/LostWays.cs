using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netfilter;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// Which connections end when a running guest's external access is changed: those that were begun by what is taken away, and
/// no others.
/// </summary>
internal static class LostWays
{
    private const byte Icmp = 1; // IPPROTO_ICMP, IPPROTO_ICMPV6: linux/in.h, linux/in6.h
    private const byte Icmpv6 = 58;

    /// <summary>None where nothing is taken away.</summary>
    internal static IReadOnlyList<ConnectionsOf> Of(Attachment before, Attachment after)
    {
        var (had, has) = (before.External ?? ExternalAccess.None, after.External ?? ExternalAccess.None);
        var (had6, has6) = (before.RoutedIpv6, after.RoutedIpv6);
        var losesOpening = had.Open.Except(has.Open).Any();
        var lost = new List<ConnectionsOf>();
        if (had6 is { } ipv6 && (had6 != has6 || losesOpening))
            lost.Add(had6 != has6 ? new(ipv6) : new(ipv6, connection => IsLost(had.Open, has.Open, connection, ipv6)));
        var losesAddress = had.PublicIpv4 is not null && had.PublicIpv4 != has.PublicIpv4;
        if (losesAddress || (had.PublicIpv4 is not null && losesOpening) || had.Forwards.Except(has.Forwards).Any())
            lost.Add(new(before.Address, connection => IsLost(before.Address, had, has, connection)));
        return lost;
    }

    private static bool IsLost(Ipv4Address guest, ExternalAccess had, ExternalAccess has, TrackedConnection connection)
    {
        if (had.PublicIpv4 is { } address)
        {
            var isOfAddress = connection.Original.Destination == address || connection.Reply.Destination == address;
            if (isOfAddress && address != has.PublicIpv4)
                return true;
            if (connection.Original.Destination == address)
                return IsLost(had.Open, has.Open, connection, address);
        }
        return IsLost(
            had.Forwards.Where(forward => Leads(forward, guest, connection)).Select(forward => forward.From),
            has.Forwards.Where(forward => Leads(forward, guest, connection)).Select(forward => forward.From),
            connection.Original.Source
        );
    }

    private static bool IsLost(
        IReadOnlyList<Opening> had,
        IReadOnlyList<Opening> has,
        TrackedConnection connection,
        IpAddress address
    ) =>
        connection.Original.Destination == address
        && IsLost(
            had.Where(opening => Opens(opening, connection)).Select(opening => opening.From),
            has.Where(opening => Opens(opening, connection)).Select(opening => opening.From),
            connection.Original.Source
        );

    // The host itself is let in whatever is named, so what it began ends only with the last that leads there.
    private static bool IsLost(IEnumerable<SourceNetworks> had, IEnumerable<SourceNetworks> has, IpAddress source)
    {
        var (before, after) = (had.ToList(), has.ToList());
        return (before.Count > 0 && after.Count == 0)
            || (before.Exists(from => from.Contains(source)) && !after.Exists(from => from.Contains(source)));
    }

    private static bool Opens(Opening opening, TrackedConnection connection) =>
        opening.Protocol switch
        {
            EgressProtocol.Any => true,
            EgressProtocol.Icmp => connection.Protocol is Icmp or Icmpv6,
            _ => connection.Protocol == DedicatedElements.NumberOf(opening.Protocol)
                && opening.Ports!.Value.Contains(connection.Original.DestinationPort),
        };

    private static bool Leads(PortForward forward, Ipv4Address guest, TrackedConnection connection) =>
        connection.Protocol == DedicatedElements.NumberOf(forward.Protocol)
        && forward.HostPorts.Contains(connection.Original.DestinationPort)
        && (forward.HostAddress is not { } address || connection.Original.Destination == address)
        && connection.Reply.Source == guest
        && connection.Reply.SourcePort
            == forward.GuestFirst + connection.Original.DestinationPort - forward.HostPorts.First;
}
