using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;

namespace MasterController.Core.External;

/// <summary>What the configuration says about dedicated addresses; replaced as a whole when it is read again.</summary>
/// <param name="Networks">The same until the next start.</param>
/// <param name="ForwardPorts">Where ports are taken from that nobody chose, 1024 to 65535.</param>
/// <param name="Cooldown">How long an address that was given back is kept from other VMs.</param>
/// <param name="ProbeUrl">What is asked whether an address is reached from outside; null: nothing.</param>
public sealed record ExternalSettings(
    ExternalNetworks Networks,
    PortRange ForwardPorts,
    TimeSpan Cooldown,
    Uri? ProbeUrl = null
)
{
    public const string Ipv6Key = "external.ipv6";
    public const string Ipv4Key = "external.ipv4";

    public static PortRange DefaultForwardPorts { get; } = new(20_000, 29_999);

    public static TimeSpan DefaultCooldown { get; } = TimeSpan.FromSeconds(30);

    public static ExternalSettings None { get; } = new(ExternalNetworks.None, DefaultForwardPorts, DefaultCooldown);

    /// <summary>How IPv6 addresses are found; null without a prefix.</summary>
    public Ipv6Mapping? Mapping => Networks.Ipv6 is { } prefix ? new Ipv6Mapping(prefix) : null;
}
