using System.Text.Json.Serialization;
using MasterController.Core.HostNetwork.Policies;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>What a VM's dedicated addresses let in, for as long as it is opened.</summary>
/// <param name="Protocol"><see cref="EgressProtocol.Any"/> opens everything, whatever its protocol.</param>
/// <param name="Ports">Of TCP and UDP, which always have them; null for the others. "icmp" is echo requests.</param>
public sealed record Opening(EgressProtocol Protocol, PortRange? Ports, SourceNetworks From)
{
    /// <summary>Of one VM together: each is an element of a map.</summary>
    public const int MostPorts = 4096;

    /// <summary>"all", "icmp", "tcp/22", "udp/8000-8100".</summary>
    [JsonIgnore]
    public string Service =>
        Protocol switch
        {
            EgressProtocol.Any => "all",
            EgressProtocol.Icmp => "icmp",
            _ => $"{EgressRule.NameOf(Protocol)}/{Ports}",
        };

    public override string ToString() => From.IsEverybody ? Service : $"{Service} from {From}";
}
