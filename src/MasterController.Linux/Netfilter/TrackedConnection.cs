using MasterController.Linux.Addresses;

namespace MasterController.Linux.Netfilter;

/// <summary>Connections of which one address is an end: who began them, or who answers.</summary>
/// <param name="AreMeant">Which of them; null for all.</param>
public sealed record ConnectionsOf(IpAddress End, Func<TrackedConnection, bool>? AreMeant = null);

/// <summary>A connection as the kernel tracks it. Where it is translated, the answers have other ends.</summary>
/// <param name="Protocol">A number of IPPROTO_*.</param>
public readonly record struct TrackedConnection(byte Protocol, TrackedDirection Original, TrackedDirection Reply);

/// <summary>Ports are 0 of protocols without.</summary>
public readonly record struct TrackedDirection(
    IpAddress Source,
    ushort SourcePort,
    IpAddress Destination,
    ushort DestinationPort
);
