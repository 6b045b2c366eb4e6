using System.Text;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>
/// The fixed part of our table for frames on the bridge; what differs from VM to VM is in sets. The table "inet" sees the
/// same guests once their packets leave the bridge.
/// </summary>
internal static class BridgeRuleset
{
    internal const string Table = $"bridge {HostNetworkMarks.FirewallTable}";

    /// <summary>Port, hardware address and address of each guest.</summary>
    internal const string Guests = "guests";

    /// <summary>Ports whose guests may reach each other.</summary>
    internal const string OpenPorts = "open_ports";

    // A frame's own type comes first: a tag for a VLAN is one, and what meta knows of such a frame is what is inside.
    // Port isolation says the same as between_guests, but lets an isolated port reach one that is not.
    internal static readonly string Text = $$"""
        table {{Table}} {
            set {{Guests}} {
                type ifname . ether_addr . ipv4_addr
            }
            set {{OpenPorts}} {
                type ifname
            }
            chain {{FirewallRuleset.MarkerChain}} {
            }
            chain from_guest {
                ether type arp goto arp_from_guest
                ether type != ip counter drop
                iifname . ether saddr . ip saddr != @{{Guests}} counter drop
                udp sport 67 counter drop
            }
            chain arp_from_guest {
                iifname . ether saddr . arp saddr ip != @{{Guests}} counter drop
                iifname . arp saddr ether . arp saddr ip != @{{Guests}} counter drop
            }
            chain between_guests {
                iifname @{{OpenPorts}} oifname @{{OpenPorts}} accept
                counter drop
            }
            chain prerouting {
                type filter hook prerouting priority dstnat; policy accept;
                iifgroup {{HostNetworkMarks.DyingLinkGroup}} counter drop
                iifgroup {{HostNetworkMarks.LinkGroup}} goto from_guest
            }
            chain forward {
                type filter hook forward priority filter; policy accept;
                iifgroup {{HostNetworkMarks.LinkGroup}} oifgroup {{HostNetworkMarks.LinkGroup}} goto between_guests
            }
        }

        """;

    internal static readonly string Fingerprint = FirewallRuleset.FingerprintOf(Encoding.UTF8.GetBytes(Text));
}
