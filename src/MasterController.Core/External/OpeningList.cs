using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;

namespace MasterController.Core.External;

/// <summary>
/// What is open, in the order of protocols and ports. No port is in two of them: what is opened again is open to whom it
/// was opened last.
/// </summary>
internal static class OpeningList
{
    public static IReadOnlyList<Opening> With(IReadOnlyList<Opening> open, Service service, SourceNetworks from) =>
        Ordered([.. Without(open, service, closesAll: false), new Opening(service.Protocol, service.Ports, from)]);

    /// <summary>"all" closes everything.</summary>
    public static IReadOnlyList<Opening> Without(IReadOnlyList<Opening> open, Service service) =>
        Without(open, service, closesAll: true);

    /// <summary>How many elements of maps it takes.</summary>
    public static int Size(IReadOnlyList<Opening> open) =>
        open.Sum(o => o.Ports is { } ports ? ports.Last - ports.First + 1 : 1);

    private static IReadOnlyList<Opening> Without(IReadOnlyList<Opening> open, Service service, bool closesAll)
    {
        if (service.Protocol == EgressProtocol.Any && closesAll)
            return [];
        List<Opening> left = [];
        foreach (var opening in open)
        {
            if (opening.Protocol != service.Protocol)
                left.Add(opening);
            else if (opening.Ports is { } ports && service.Ports is { } taken)
                left.AddRange(Rest(ports, taken).Select(rest => opening with { Ports = rest }));
        }
        return Ordered(left);
    }

    private static IEnumerable<PortRange> Rest(PortRange ports, PortRange taken)
    {
        if (taken.Last < ports.First || taken.First > ports.Last)
        {
            yield return ports;
            yield break;
        }
        if (ports.First < taken.First)
            yield return new PortRange(ports.First, (ushort)(taken.First - 1));
        if (ports.Last > taken.Last)
            yield return new PortRange((ushort)(taken.Last + 1), ports.Last);
    }

    private static IReadOnlyList<Opening> Ordered(IEnumerable<Opening> open) =>
        [.. open.OrderBy(o => o.Protocol).ThenBy(o => o.Ports?.First ?? 0)];
}
