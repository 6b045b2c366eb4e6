using System.Security.Cryptography;
using System.Text;
using MasterController.Core.HostNetwork.Policies;

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

    /// <summary>The chains that policies of guests lead to.</summary>
    internal const string EgressRefused = "egress_refused";
    internal const string EgressOpened = "egress_opened";

    // Spoofed sources, IPv6 and what no router sends on end before connection tracking, so that a guest cannot fill its
    // table with them; what is refused later leaves no entry either. A packet whose state is invalid would leave the uplink
    // without address translation, and no policy could be asked about it.
    // VM-to-VM traffic and policies are decided for each packet alone: what is withdrawn ends flows that there are. A policy
    // is asked by what a flow began as, so that it decides about both directions, translated or not, and answers to others
    // are not a guest's own traffic. Errors of ICMP belong to a flow of another protocol.
    // A guest's policy is found through a number: with a map from addresses to chains the kernel would look through the
    // whole map for loops at each change. The number is in the packet's priority for that long, which the kernel gives
    // forwarded packets just before and which is none again after it (both are numbers of 32 bits).
    // What a guest sends too much of ends there as well; what it is sent too much of, last of all and before address
    // translation. The elements of those sets match while their buckets are empty.
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
            set unroutable_networks {
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
            map {{EgressChain.Guests}} {
                type ipv4_addr : classid
            }
            map {{EgressChain.Chains}} {
                type classid : verdict
            }
            set {{LimitedGuests.OutBytes}} {
                type ipv4_addr
                flags dynamic
            }
            set {{LimitedGuests.OutPackets}} {
                type ipv4_addr
                flags dynamic
            }
            set {{LimitedGuests.InBytes}} {
                type ipv4_addr
                flags dynamic
            }
            set {{LimitedGuests.InPackets}} {
                type ipv4_addr
                flags dynamic
            }
            chain {{MarkerChain}} {
            }
            chain {{EgressRefused}} {
                counter drop
            }
            chain {{EgressOpened}} {
                meta priority set none
                iifname @uplinks accept
                oifname @uplinks accept
                counter drop
            }
            chain guest_egress {
                meta l4proto icmp ct state related return
                meta priority set ct original ip saddr map @{{EgressChain.Guests}} meta priority vmap @{{EgressChain.Chains}}
                meta priority set none
            }
            chain guest_prerouting {
                meta nfproto != ipv4 counter drop
                fib saddr . iif oif missing counter drop
                ip daddr @unroutable_networks counter drop
                ip saddr @{{LimitedGuests.OutBytes}} counter drop
                ip saddr @{{LimitedGuests.OutPackets}} counter drop
            }
            chain guest_postrouting {
                ip daddr @{{LimitedGuests.InBytes}} counter drop
                ip daddr @{{LimitedGuests.InPackets}} counter drop
            }
            chain guest_input {
                ct direction reply ct state established,related accept
                ip daddr @gateways icmp type echo-request accept
                ip daddr @gateways jump guest_egress
                counter drop
            }
            chain from_guest {
                ct state invalid,untracked counter drop
                jump guest_egress
                ip daddr @refused_networks counter drop
                oifgroup {{HostNetworkMarks.LinkGroup}} ip saddr @vm_to_vm_networks ip daddr @vm_to_vm_networks accept
                oifgroup {{HostNetworkMarks.LinkGroup}} counter drop
                oifname @uplinks accept
                counter drop
            }
            chain to_guest {
                iifname @uplinks ct state established,related goto answer_to_guest
                counter drop
            }
            chain answer_to_guest {
                jump guest_egress
                accept
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
            chain limiting {
                type filter hook postrouting priority filter; policy accept;
                oifgroup {{HostNetworkMarks.LinkGroup}} goto guest_postrouting
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
