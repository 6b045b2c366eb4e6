using MasterController.Core.External;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Configuration;

public static partial class ConfigKeys
{
    public const string DeliveryAuto = "auto",
        DeliveryRouted = "routed",
        DeliveryOnLink = "on-link";

    public static readonly ConfigKey<Ipv6Network?> ExternalIpv6 = new(
        ExternalSettings.Ipv6Key,
        null,
        "a global unicast IPv6 prefix of /48 to /112 (\"2001:db8:1250::/64\"), or \"\" for none",
        "VMs' dedicated IPv6 addresses are taken from it.",
        ConfigReaders.ExternalPrefix,
        p => p?.ToString() ?? ""
    );

    public static readonly ConfigKey<string> ExternalDelivery = new(
        "external.ipv6_delivery",
        DeliveryAuto,
        "\"auto\", \"routed\" or \"on-link\"",
        "How the provider delivers the prefix: all of it sent to this host, or asked for on the uplink's link address by address. \"auto\" looks.",
        w => ConfigReaders.OneOf(w, DeliveryAuto, DeliveryRouted, DeliveryOnLink),
        Shown
    );

    public static readonly ConfigKey<IReadOnlyList<Ipv4Network>> ExternalIpv4 = new(
        ExternalSettings.Ipv4Key,
        [],
        "a list of IPv4 addresses and networks of /16 or longer",
        "Extra public addresses of this host, that VMs are given one to one; none of them is an address of the host itself.",
        ConfigReaders.ExternalNetworks,
        Shown
    );

    public static readonly ConfigKey<PortRange> ForwardPorts = new(
        "external.forward_ports",
        ExternalSettings.DefaultForwardPorts,
        "two ports from 1024 to 65535, ascending (\"20000-29999\")",
        "The host's ports for forwards that name none.",
        ConfigReaders.ForwardPorts,
        p => $"{p.First}-{p.Last}",
        Reload.Live
    );

    public static readonly ConfigKey<int> ExternalCooldown = new(
        "external.cooldown_seconds",
        (int)ExternalSettings.DefaultCooldown.TotalSeconds,
        "0 to 86400",
        "How long a dedicated address that was given back is kept from other VMs.",
        w => ConfigReaders.Integer(w, 0, 86_400),
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<Uri?> ProbeUrl = new(
        "external.probe_url",
        null,
        "an http or https URL, or \"\" for none",
        "A service outside that `mctl external check` asks whether it reaches an address: `GET URL?address=…&port=…&protocol=tcp`, answered with `{\"reachable\": true, \"detail\": \"…\"}`.",
        ConfigReaders.Url,
        u => u?.ToString() ?? "",
        Reload.Live
    );
}
