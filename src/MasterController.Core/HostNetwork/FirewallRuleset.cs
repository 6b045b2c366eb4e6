using System.Security.Cryptography;
using System.Text;
using MasterController.Core.HostNetwork.Dedicated;
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

    // Spoofed sources, what only routers say and what no router sends on end before connection tracking, so that a guest cannot fill its
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
    // What is begun from outside is decided by what it was begun with as well: by dedicated addresses, and by ports of the
    // host. Whatever is sent to a one-to-one address goes to its guest, so it must not be let in by a forward of the same
    // guest. The priority that a packet leaves the forward hook with is none, but for one that goes back to where it came
    // from: the guest would not take a packet with its own address as the sender's.
    // Guests' link-local and dedicated IPv6 addresses have routes and permanent neighbours, so the lookup of the way back
    // knows them, and nothing that a guest says about neighbours is needed.
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
            set refused_networks6 {
                type ipv6_addr
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
            map {{EgressChain.Guests6}} {
                type ipv6_addr : classid
            }
            map {{EgressChain.Chains}} {
                type classid : verdict
            }
            set {{LimitedGuests.OutBytes}} {
                type ipv4_addr
                flags dynamic
            }
            set {{LimitedGuests.OutBytes6}} {
                type ipv6_addr
                flags dynamic
            }
            set {{LimitedGuests.OutPackets}} {
                type ipv4_addr
                flags dynamic
            }
            set {{LimitedGuests.OutPackets6}} {
                type ipv6_addr
                flags dynamic
            }
            set {{LimitedGuests.InBytes}} {
                type ipv4_addr
                flags dynamic
            }
            set {{LimitedGuests.InBytes6}} {
                type ipv6_addr
                flags dynamic
            }
            set {{LimitedGuests.InPackets}} {
                type ipv4_addr
                flags dynamic
            }
            set {{LimitedGuests.InPackets6}} {
                type ipv6_addr
                flags dynamic
            }
            map {{DedicatedMaps.Forwards}} {
                type inet_proto . inet_service : ipv4_addr . inet_service
            }
            map {{DedicatedMaps.AddressForwards}} {
                type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
            }
            map {{DedicatedMaps.PublicGuests}} {
                type ipv4_addr : ipv4_addr
            }
            map {{DedicatedMaps.PublicSources}} {
                type ipv4_addr : ipv4_addr
            }
            set {{DedicatedMaps.PublicAddresses}} {
                type ipv4_addr
            }
            map {{DedicatedMaps.HairpinSources}} {
                type ipv4_addr : ipv4_addr
            }
            map {{DedicatedMaps.Open}} {
                type ipv4_addr . inet_proto . inet_service : classid
            }
            map {{DedicatedMaps.Open6}} {
                type ipv6_addr . inet_proto . inet_service : classid
            }
            map {{DedicatedMaps.OpenPings}} {
                type ipv4_addr : classid
            }
            map {{DedicatedMaps.OpenPings6}} {
                type ipv6_addr : classid
            }
            map {{DedicatedMaps.OpenHosts}} {
                type ipv4_addr : classid
            }
            map {{DedicatedMaps.OpenHosts6}} {
                type ipv6_addr : classid
            }
            map {{DedicatedMaps.OpenForwards}} {
                type ipv4_addr . inet_proto . inet_service : classid
            }
            map {{DedicatedMaps.Sources}} {
                type classid : verdict
                elements = { {{DedicatedMaps.Everybody}} : goto {{DedicatedMaps.Accepted}} }
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
            chain {{DedicatedMaps.Accepted}} {
                meta priority set none
                ct state new ct status dnat fib daddr . iif oif exists meta priority set {{DedicatedMaps.HairpinPriority}}
                accept
            }
            chain opened {
                meta l4proto tcp meta priority set ct original ip daddr . meta l4proto . ct original proto-dst map @{{DedicatedMaps.Open}} meta priority vmap @{{DedicatedMaps.Sources}}
                meta l4proto udp meta priority set ct original ip daddr . meta l4proto . ct original proto-dst map @{{DedicatedMaps.Open}} meta priority vmap @{{DedicatedMaps.Sources}}
                meta l4proto tcp meta priority set ct original ip6 daddr . meta l4proto . ct original proto-dst map @{{DedicatedMaps.Open6}} meta priority vmap @{{DedicatedMaps.Sources}}
                meta l4proto udp meta priority set ct original ip6 daddr . meta l4proto . ct original proto-dst map @{{DedicatedMaps.Open6}} meta priority vmap @{{DedicatedMaps.Sources}}
                meta l4proto icmp meta priority set ct original ip daddr map @{{DedicatedMaps.OpenPings}} meta priority vmap @{{DedicatedMaps.Sources}}
                meta l4proto ipv6-icmp meta priority set ct original ip6 daddr map @{{DedicatedMaps.OpenPings6}} meta priority vmap @{{DedicatedMaps.Sources}}
                meta priority set ct original ip daddr map @{{DedicatedMaps.OpenHosts}} meta priority vmap @{{DedicatedMaps.Sources}}
                meta priority set ct original ip6 daddr map @{{DedicatedMaps.OpenHosts6}} meta priority vmap @{{DedicatedMaps.Sources}}
                ct original ip daddr @{{DedicatedMaps.PublicAddresses}} counter drop
                meta l4proto tcp ct status dnat meta priority set ct reply ip saddr . meta l4proto . ct original proto-dst map @{{DedicatedMaps.OpenForwards}} meta priority vmap @{{DedicatedMaps.Sources}}
                meta l4proto udp ct status dnat meta priority set ct reply ip saddr . meta l4proto . ct original proto-dst map @{{DedicatedMaps.OpenForwards}} meta priority vmap @{{DedicatedMaps.Sources}}
                counter drop
            }
            chain guest_egress {
                meta l4proto { icmp, ipv6-icmp } ct state related return
                meta priority set ct original ip saddr map @{{EgressChain.Guests}} meta priority vmap @{{EgressChain.Chains}}
                meta priority set ct original ip6 saddr map @{{EgressChain.Guests6}} meta priority vmap @{{EgressChain.Chains}}
                meta priority set none
            }
            chain guest_prerouting {
                fib saddr . iif oif missing counter drop
                icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-advert, nd-redirect } counter drop
                ip daddr @unroutable_networks counter drop
                ip saddr @{{LimitedGuests.OutBytes}} counter drop
                ip saddr @{{LimitedGuests.OutPackets}} counter drop
                ip6 saddr @{{LimitedGuests.OutBytes6}} counter drop
                ip6 saddr @{{LimitedGuests.OutPackets6}} counter drop
            }
            chain guest_postrouting {
                ip daddr @{{LimitedGuests.InBytes}} counter drop
                ip daddr @{{LimitedGuests.InPackets}} counter drop
                ip6 daddr @{{LimitedGuests.InBytes6}} counter drop
                ip6 daddr @{{LimitedGuests.InPackets6}} counter drop
            }
            chain guest_input {
                ct direction reply ct state established,related accept
                icmpv6 type nd-neighbor-solicit accept
                ip6 daddr {{HostNetworkMarks.Gateway6}} icmpv6 type echo-request accept
                ip daddr @gateways icmp type echo-request accept
                ip daddr @gateways jump guest_egress
                counter drop
            }
            chain from_guest {
                ct state invalid,untracked counter drop
                ct direction reply ct status dnat meta l4proto != icmp goto opened
                ct direction reply meta nfproto ipv6 meta l4proto != ipv6-icmp goto opened
                jump guest_egress
                ip daddr @refused_networks counter drop
                ip6 daddr @refused_networks6 counter drop
                oifgroup {{HostNetworkMarks.LinkGroup}} goto guest_to_guest
                oifname @uplinks accept
                counter drop
            }
            chain guest_to_guest {
                ct status dnat goto opened
                ip saddr @vm_to_vm_networks ip daddr @vm_to_vm_networks accept
                meta nfproto ipv6 goto opened
                counter drop
            }
            chain to_guest {
                ct direction original ct state new,established goto opened
                iifname @uplinks ct state established,related goto answer_to_guest
                counter drop
            }
            chain answer_to_guest {
                jump guest_egress
                accept
            }
            chain dedicated {
                dnat ip to ip daddr . meta l4proto . th dport map @{{DedicatedMaps.AddressForwards}}
                meta nfproto ipv4 fib daddr type local dnat ip to meta l4proto . th dport map @{{DedicatedMaps.Forwards}}
                dnat ip to ip daddr map @{{DedicatedMaps.PublicGuests}}
            }
            chain prerouting {
                type filter hook prerouting priority raw; policy accept;
                iifgroup {{HostNetworkMarks.LinkGroup}} goto guest_prerouting
                iifgroup {{HostNetworkMarks.DyingLinkGroup}} drop
            }
            chain dedicated_prerouting {
                type nat hook prerouting priority dstnat; policy accept;
                jump dedicated
            }
            chain dedicated_output {
                type nat hook output priority -100; policy accept;
                ip daddr 127.0.0.0/8 return
                jump dedicated
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
                meta priority {{DedicatedMaps.HairpinPriority}} snat ip to ip daddr map @{{DedicatedMaps.HairpinSources}}
                oifname @uplinks snat ip to ip saddr map @{{DedicatedMaps.PublicSources}}
                ip saddr @pool_networks oifname @uplinks masquerade
            }
        }

        """;

    internal static readonly string Fingerprint = FingerprintOf(Encoding.UTF8.GetBytes(Text));

    /// <summary>Sixteen hex digits; two of them fit a rule's comment of at most 128 bytes.</summary>
    internal static string FingerprintOf(ReadOnlySpan<byte> bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
}
