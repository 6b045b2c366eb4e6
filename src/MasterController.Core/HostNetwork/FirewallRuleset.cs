using System.Security.Cryptography;
using System.Text;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// The fixed part of our nftables table. What differs from host to host is in sets, so that no rule is ever added for a
/// VM, a pool or an uplink.
/// </summary>
internal static class FirewallRuleset
{
    internal const string Table = $"inet {HostNetworkMarks.FirewallTable}";

    /// <summary>A chain that no packet sees; the comment of its one rule says which ruleset this is.</summary>
    internal const string MarkerChain = "fingerprint";

    // Spoofed sources, IPv6 and refused destinations end before connection tracking, so that a guest cannot fill its
    // table with them. A packet whose state is invalid would leave the uplink without address translation.
    // VM-to-VM traffic is decided for each packet alone: a policy that is withdrawn ends flows that there are.
    // No table for ARP: a TAP's strict rp_filter makes the kernel ignore requests with another's sender address, and the
    // permanent neighbour entry is not overwritten by answers.
    internal static readonly string Text = $$"""
        table {{Table}} {
            set pool_networks {
                type ipv4_addr
                flags interval
            }
            set vm_to_vm_networks {
                type ipv4_addr
                flags interval
            }
            set refused_networks {
                type ipv4_addr
                flags interval
            }
            set gateways {
                type ipv4_addr
            }
            set uplinks {
                type ifname
            }
            chain {{MarkerChain}} {
            }
            chain guest_prerouting {
                meta nfproto != ipv4 counter drop
                fib saddr . iif oif missing counter drop
                ip daddr @refused_networks counter drop
            }
            chain guest_input {
                ct state established,related accept
                ip daddr @gateways icmp type echo-request accept
                counter drop
            }
            chain from_guest {
                oifgroup {{HostNetworkMarks.LinkGroup}} ip saddr @vm_to_vm_networks ip daddr @vm_to_vm_networks accept
                oifgroup {{HostNetworkMarks.LinkGroup}} counter drop
                ct state invalid counter drop
                oifname @uplinks accept
                counter drop
            }
            chain to_guest {
                iifname @uplinks ct state established,related accept
                counter drop
            }
            chain prerouting {
                type filter hook prerouting priority raw; policy accept;
                iifgroup {{HostNetworkMarks.LinkGroup}} goto guest_prerouting
                iifgroup {{HostNetworkMarks.DyingLinkGroup}} drop
            }
            chain input {
                type filter hook input priority filter; policy accept;
                iifgroup {{HostNetworkMarks.LinkGroup}} goto guest_input
            }
            chain forward {
                type filter hook forward priority filter; policy accept;
                iifgroup {{HostNetworkMarks.LinkGroup}} goto from_guest
                oifgroup {{HostNetworkMarks.LinkGroup}} goto to_guest
            }
            chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                ip saddr @pool_networks oifname @uplinks masquerade
            }
        }

        """;

    internal static readonly string Fingerprint = FingerprintOf(Encoding.UTF8.GetBytes(Text));

    /// <summary>Sixteen hex digits; two of them fit a rule's comment of at most 128 bytes.</summary>
    internal static string FingerprintOf(ReadOnlySpan<byte> bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
}
