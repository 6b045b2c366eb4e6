using System.Text.Json.Serialization;

namespace MasterController.Contracts;

/// <summary>
/// <c>GET /api/admin/stats</c>, in the shape that front ends of the former Node.js controller read. Of the pool "default",
/// or the first one where there is none of that name; <see cref="Stats"/> is for everything else.
/// </summary>
public sealed record AdminStats(
    AdminPoolStats IpPool,
    AdminCounters Stats,
    AdminVmStats Vms,
    AdminExternalStats ExternalAccess
);

/// <param name="Total">Addresses of all ranges, reserved ones included.</param>
/// <param name="CurrentSubnet">The network of the pool's largest range.</param>
public sealed record AdminPoolStats(
    long Available,
    long Total,
    long Used,
    string CurrentSubnet,
    AdminExpansion ExpansionCapability
);

/// <param name="MaxWith16Subnet">65536, all addresses of a /16.</param>
/// <param name="MaxWith8Subnet">16777216, all addresses of a /8.</param>
public sealed record AdminExpansion(long Current, long MaxWith16Subnet, long MaxWith8Subnet, string Recommendation);

/// <param name="ActiveVms">Running.</param>
/// <param name="IpPoolMaxPossible">All addresses of the current network.</param>
/// <param name="DedocoEnabled">Whether VMs can have dedicated addresses or forwards here.</param>
public sealed record AdminCounters(
    [property: JsonPropertyName("total_vms")] int TotalVms,
    [property: JsonPropertyName("active_vms")] int ActiveVms,
    [property: JsonPropertyName("cli_vms")] int CliVms,
    [property: JsonPropertyName("browser_vms")] int BrowserVms,
    [property: JsonPropertyName("ip_pool_available")] long IpPoolAvailable,
    [property: JsonPropertyName("ip_pool_total")] long IpPoolTotal,
    [property: JsonPropertyName("ip_pool_current_subnet")] string IpPoolCurrentSubnet,
    [property: JsonPropertyName("ip_pool_max_possible")] long IpPoolMaxPossible,
    [property: JsonPropertyName("external_ip")] string? ExternalIp,
    [property: JsonPropertyName("dedoco_enabled")] bool DedocoEnabled
);

/// <param name="Running">With those that are being created or started.</param>
/// <param name="Stopped">With those that are being stopped.</param>
/// <param name="Hibernated">Always 0 until VMs can be hibernated.</param>
public sealed record AdminVmStats(
    int Total,
    int Running,
    int Stopped,
    int Hibernated,
    int Failed,
    IReadOnlyDictionary<string, int> ByType
);

public sealed record AdminExternalStats(
    string? PublicIp,
    string? Ipv6Prefix,
    int DedicatedIpv6,
    [property: JsonPropertyName("publicIpv4Used")] int PublicIpv4Used,
    int Forwards
);
