using System.Text.Json.Serialization;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Ports of the host that lead to the same number of ports of a VM, one by one.</summary>
/// <param name="Id">Unique, "fwd_" and 12 characters.</param>
/// <param name="HostAddress">One of the host's; null for all of them but loopback.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="GuestFirst">Where <paramref name="HostPorts"/>' first leads to.</param>
public sealed record PortForward(
    string Id,
    Ipv4Address? HostAddress,
    EgressProtocol Protocol,
    PortRange HostPorts,
    ushort GuestFirst,
    SourceNetworks From
)
{
    /// <summary>Of one VM together: each is an element of a map.</summary>
    public const int MostPorts = 16_384;

    [JsonIgnore]
    public PortRange GuestPorts => new(GuestFirst, (ushort)(GuestFirst + HostPorts.Last - HostPorts.First));

    /// <summary>"8080 -> 80/tcp", "203.0.113.7:8000-8010 -> 80-90/udp".</summary>
    public override string ToString() =>
        $"{(HostAddress is { } address ? $"{address}:" : "")}{HostPorts} -> {GuestPorts}/{EgressRule.NameOf(Protocol)}"
        + (From.IsEverybody ? "" : $" from {From}");
}
