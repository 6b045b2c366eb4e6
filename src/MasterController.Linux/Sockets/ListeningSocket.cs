using MasterController.Linux.Addresses;

namespace MasterController.Linux.Sockets;

/// <summary>A socket that takes what comes to its port: listening (TCP), or bound without being connected (UDP).</summary>
/// <param name="Protocol">A number of IPPROTO_*.</param>
/// <param name="Address">Zero where it takes what comes to any address of its family.</param>
/// <param name="TakesIpv4">Whether a socket of IPv6 takes IPv4 as well: it was bound to [::] without IPV6_V6ONLY.</param>
public readonly record struct ListeningSocket(byte Protocol, IpAddress Address, ushort Port, bool TakesIpv4);
