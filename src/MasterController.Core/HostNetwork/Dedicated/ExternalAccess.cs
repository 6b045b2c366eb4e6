using System.Text.Json.Serialization;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// How a VM is reached from outside, and by which addresses it reaches out. Nothing gets in but by <see cref="Open"/> and
/// <see cref="Forwards"/>. Equal are those with the same parts in the same order.
/// </summary>
/// <param name="Ipv6">The guest's own, without translation.</param>
/// <param name="PublicIpv4">Translated one to one to the guest's address.</param>
/// <param name="Open">What both of these let in.</param>
/// <param name="Forwards">Ports of the host's addresses.</param>
public sealed record ExternalAccess(
    Ipv6Address? Ipv6,
    Ipv4Address? PublicIpv4,
    IReadOnlyList<Opening> Open,
    IReadOnlyList<PortForward> Forwards
)
{
    public static ExternalAccess None { get; } = new(null, null, [], []);

    [JsonIgnore]
    public bool IsNone => this is { Ipv6: null, PublicIpv4: null, Open.Count: 0, Forwards.Count: 0 };

    public bool Equals(ExternalAccess? other) =>
        other is not null
        && Ipv6 == other.Ipv6
        && PublicIpv4 == other.PublicIpv4
        && Open.SequenceEqual(other.Open)
        && Forwards.SequenceEqual(other.Forwards);

    public override int GetHashCode() => HashCode.Combine(Ipv6, PublicIpv4, Open.Count, Forwards.Count);
}
