using System.ComponentModel.DataAnnotations;

namespace MasterController.Contracts;

/// <summary>Body of <c>POST /api/v1/vms</c>. What is left out comes from the type and the configuration.</summary>
/// <param name="Name">A DNS label, unique among the VMs there are; the id when left out.</param>
/// <param name="Type">"cli", "browser" or one that the operator configured.</param>
/// <param name="Address">A wanted IPv4 address of the pool.</param>
/// <param name="Vcpus">1 to 32.</param>
/// <param name="MemoryMib">64 to 1048576 MiB.</param>
/// <param name="Restart">"never" or "on-failure".</param>
/// <param name="RateLimit">How much it may send and be sent; that of the type when left out.</param>
/// <param name="Egress">Where the guest may send to; that of the type when left out.</param>
/// <param name="Ipv6">
/// "auto" for a dedicated IPv6 address, one of the configured prefix, or "none"; as the type says when left out.
/// </param>
public sealed record CreateVmRequest(
    string? Name = null,
    string? Type = null,
    string? Image = null,
    string? Owner = null,
    IReadOnlyDictionary<string, string>? Labels = null,
    string? Pool = null,
    string? Address = null,
    int? Vcpus = null,
    int? MemoryMib = null,
    string? Restart = null,
    EgressPolicy? Egress = null,
    RateLimit? RateLimit = null,
    string? Ipv6 = null
);

/// <summary>
/// How much a guest may send ("out") and be sent ("in") in a second; without limit where left out. A bucket holds what comes
/// in a second, and the burst. Also the body of <c>PUT /api/v1/vms/{id}/rate-limit</c>, where nothing at all is no limit.
/// </summary>
/// <param name="OutBytesPerSecond">1000 to 1000000000000, as the other.</param>
/// <param name="OutBurstBytes">65536, as when left out, to 4294967295.</param>
/// <param name="OutPacketsPerSecond">1 to 1000000000. One that is segmented later is one.</param>
/// <param name="OutBurstPackets">0, as when left out, to 1000000000.</param>
public sealed record RateLimit(
    long? OutBytesPerSecond = null,
    long? OutBurstBytes = null,
    long? OutPacketsPerSecond = null,
    long? OutBurstPackets = null,
    long? InBytesPerSecond = null,
    long? InBurstBytes = null,
    long? InPacketsPerSecond = null,
    long? InBurstPackets = null
);

/// <summary>The limit that a VM has.</summary>
/// <param name="Source">"vm": its own; "type": that of its type; "none": it has none.</param>
public sealed record VmRateLimit(string Source, RateLimit Limit);

/// <summary>
/// Where a guest may send to, of each packet: what a rule of <c>deny</c> matches is refused, what one of <c>allow</c> matches
/// is allowed, the rest is as <c>default</c> says. Also the body of <c>PUT /api/v1/vms/{id}/egress</c>.
/// </summary>
/// <param name="Default">"allow" or "deny"; "allow" when left out.</param>
/// <param name="Allow">
/// NETWORK or NETWORK:PORTS/PROTOCOL: "10.0.0.0/8", "203.0.113.7:443/tcp", "0.0.0.0/0:8000-8100/udp", "0.0.0.0/0:icmp";
/// of IPv6 "2001:db8::/32", "[2001:db8::7]:443/tcp", "[::/0]:icmp". A rule is of one family, the default of both.
/// A rule that lies within 169.254.0.0/16 opens that, and one with a gateway's address and a port opens that port of the
/// host; 64 rules in both lists at most.
/// </param>
/// <param name="Deny">As <c>allow</c>.</param>
public sealed record EgressPolicy(
    string? Default = null,
    IReadOnlyList<string>? Allow = null,
    IReadOnlyList<string>? Deny = null
);

/// <summary>The policy that a VM has.</summary>
/// <param name="Source">"vm": its own; "type": that of its type; "none": there is none, as with "allow" and no rules.</param>
public sealed record VmEgress(string Source, string Default, IReadOnlyList<string> Allow, IReadOnlyList<string> Deny);

/// <param name="Status">creating, starting, running, stopping, stopped, failed, deleting.</param>
/// <param name="StatusReason">Why it is so, where that is not plain: the last error, with the console's last lines.</param>
/// <param name="Tap">The host's interface of this VM; there only while it runs.</param>
/// <param name="Hypervisor">firecracker, qemu (KVM) or qemu-tcg.</param>
/// <param name="ReadyAt">When the guest said on its console that it is ready.</param>
/// <param name="Ipv6">Its dedicated address, which nobody else has; null where it has none.</param>
/// <param name="PublicIpv4">Its one-to-one address; null where it has none.</param>
/// <param name="Open">What these two let in.</param>
/// <param name="Forwards">Ports of the host that lead to it.</param>
public sealed record Vm(
    string Id,
    string Name,
    string Type,
    string? Owner,
    IReadOnlyDictionary<string, string> Labels,
    string Status,
    string? StatusReason,
    string Address,
    string? Gateway,
    string Mac,
    string Tap,
    string Pool,
    string Image,
    int Vcpus,
    int MemoryMib,
    string Restart,
    int Restarts,
    string? Hypervisor,
    int? Pid,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? ReadyAt,
    VmEgress? Egress = null,
    VmRateLimit? RateLimit = null,
    string? Ipv6 = null,
    string? PublicIpv4 = null,
    IReadOnlyList<VmOpening>? Open = null,
    IReadOnlyList<Forward>? Forwards = null
);

/// <param name="Next">Pass as <c>cursor</c> to get the next page; null on the last one.</param>
public sealed record VmList(IReadOnlyList<Vm> Items, int Total, string? Next);

/// <summary>Body of <c>POST /api/v1/vms/{id}/stop</c> and <c>restart</c>; it may be left out.</summary>
/// <param name="TimeoutSeconds">How long the guest may take before it is forced, 0 to 3600; 0 forces at once.</param>
public sealed record StopVmRequest([property: Range(0, 3600)] int? TimeoutSeconds = null);
