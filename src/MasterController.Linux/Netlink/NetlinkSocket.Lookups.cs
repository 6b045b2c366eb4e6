using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netlink;

/// <summary>Questions about single objects.</summary>
public sealed partial class NetlinkSocket
{
    /// <summary>One link by its name: <c>ip link show NAME</c>; null where there is none.</summary>
    public LinkEntry? FindLink(string name)
    {
        var batch = new NetlinkBatch();
        batch.LinkGet(name);
        return GetLinks(batch)[0];
    }

    /// <summary>One link by its index; null where there is none.</summary>
    public LinkEntry? FindLink(int index)
    {
        var batch = new NetlinkBatch();
        batch.LinkGet(index);
        return GetLinks(batch)[0];
    }

    /// <summary>The answers to a batch of <c>LinkGet</c>; null where there is no such link.</summary>
    /// <exception cref="NetlinkException">Refused for another reason.</exception>
    public LinkEntry?[] GetLinks(NetlinkBatch batch)
    {
        var links = new LinkEntry?[batch.Count];
        var errors = Execute(batch, (request, message) => links[request] = LinkEntry.Read(message));
        if (errors.FirstOrDefault(error => error is { IsMissing: false }) is { } error)
            throw new NetlinkException("An interface could not be looked up", error);
        return links;
    }

    /// <summary>The answers to a batch of <c>RouteGet</c>; null where no route leads there.</summary>
    public RouteEntry?[] GetRoutes(NetlinkBatch batch)
    {
        var routes = new RouteEntry?[batch.Count];
        Execute(batch, (request, message) => routes[request] = RouteEntry.Read(message));
        return routes;
    }

    /// <summary>The answers to a batch of <c>NeighbourGet</c>; null where there is no such entry.</summary>
    public NeighbourEntry?[] GetNeighbours(NetlinkBatch batch)
    {
        var neighbours = new NeighbourEntry?[batch.Count];
        Execute(batch, (request, message) => neighbours[request] = NeighbourEntry.Read(message));
        return neighbours;
    }

    /// <summary>The answers to a batch of <c>RouteMatch</c> of IPv6; null where no route leads there.</summary>
    public Ipv6RouteEntry?[] GetIpv6Routes(NetlinkBatch batch)
    {
        var routes = new Ipv6RouteEntry?[batch.Count];
        Execute(batch, (request, message) => routes[request] = Ipv6RouteEntry.Read(message));
        return routes;
    }

    /// <summary>The answers to a batch of <c>NeighbourGet</c> and <c>ProxyGet</c> of IPv6; null where there is no such entry.</summary>
    public Ipv6NeighbourEntry?[] GetIpv6Neighbours(NetlinkBatch batch)
    {
        var neighbours = new Ipv6NeighbourEntry?[batch.Count];
        Execute(batch, (request, message) => neighbours[request] = Ipv6NeighbourEntry.Read(message));
        return neighbours;
    }

    /// <summary>The answers to a batch of <c>AddressGet</c>; null where the interface has no such address.</summary>
    public Ipv6AddressEntry?[] GetIpv6Addresses(NetlinkBatch batch)
    {
        var addresses = new Ipv6AddressEntry?[batch.Count];
        Execute(batch, (request, message) => addresses[request] = Ipv6AddressEntry.Read(message));
        return addresses;
    }

    /// <summary><c>ip neighbour get ADDRESS dev INDEX</c>; null where there is none.</summary>
    /// <exception cref="NetlinkException">Refused for another reason.</exception>
    public NeighbourEntry? FindNeighbour(int index, Ipv4Address address)
    {
        var batch = new NetlinkBatch();
        batch.NeighbourGet(index, address);
        NeighbourEntry? neighbour = null;
        var error = Execute(batch, (_, message) => neighbour = NeighbourEntry.Read(message))[0];
        return error is { IsMissing: false }
            ? throw new NetlinkException("A neighbour could not be looked up", error)
            : neighbour;
    }
}
