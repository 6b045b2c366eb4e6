using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>
/// Which forward has which port of the host. One on all addresses and one on a single address exclude each other, since
/// packets for the latter would match both.
/// </summary>
internal sealed class HostPorts
{
    private readonly Dictionary<(EgressProtocol Protocol, ushort Port), List<Holder>> _holders = [];

    /// <summary>The forward that has one of the ports already; null where none has.</summary>
    public PortForward? Colliding(PortForward forward)
    {
        for (int port = forward.HostPorts.First; port <= forward.HostPorts.Last; port++)
        {
            if (Find(forward.Protocol, forward.HostAddress, (ushort)port) is { } other)
                return other;
        }
        return null;
    }

    public PortForward? Find(EgressProtocol protocol, Ipv4Address? address, ushort port)
    {
        if (!_holders.TryGetValue((protocol, port), out var holders))
            return null;
        foreach (var holder in holders)
        {
            if (address is null || holder.Address is null || holder.Address == address)
                return holder.Forward;
        }
        return null;
    }

    public void Add(PortForward forward)
    {
        for (int port = forward.HostPorts.First; port <= forward.HostPorts.Last; port++)
        {
            var key = (forward.Protocol, (ushort)port);
            if (!_holders.TryGetValue(key, out var holders))
                _holders[key] = holders = new(1);
            holders.Add(new Holder(forward.HostAddress, forward));
        }
    }

    public void Remove(PortForward forward)
    {
        for (int port = forward.HostPorts.First; port <= forward.HostPorts.Last; port++)
        {
            var key = (forward.Protocol, (ushort)port);
            if (!_holders.TryGetValue(key, out var holders))
                continue;
            holders.RemoveAll(h => h.Forward.Id == forward.Id);
            if (holders.Count == 0)
                _holders.Remove(key);
        }
    }

    /// <summary>How many ports of an interval are somebody's, TCP and UDP counted apart.</summary>
    public int CountIn(PortRange interval) => _holders.Keys.Count(k => interval.Contains(k.Port));

    private readonly record struct Holder(Ipv4Address? Address, PortForward Forward);
}
