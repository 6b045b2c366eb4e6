namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>What an attachment has in the kernel for its dedicated addresses, besides settings and elements of sets.</summary>
[Flags]
internal enum DedicatedParts : byte
{
    None = 0,

    /// <summary>The host's IPv6 address on the TAP.</summary>
    GatewayAddress = 1,

    /// <summary>To the guest's own IPv6 address.</summary>
    Route = 2,
    LinkLocalRoute = 4,

    /// <summary>Of the guest's own IPv6 address.</summary>
    Neighbour = 8,
    LinkLocalNeighbour = 16,

    /// <summary>Of the IPv6 address on the uplink, where the provider's router asks for it there.</summary>
    Proxy = 32,

    /// <summary>To the one-to-one IPv4 address.</summary>
    PublicRoute = 64,

    /// <summary>Of the one-to-one IPv4 address on the uplink.</summary>
    PublicProxy = 128,

    /// <summary>Those that are on the uplink and so do not go with the TAP.</summary>
    Proxies = Proxy | PublicProxy,
}
