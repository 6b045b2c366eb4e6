namespace MasterController.Contracts;

/// <summary>
/// Body of <c>POST /api/v1/vms/{id}/open</c> and <c>close</c>: what the VM's dedicated addresses let in. What is open
/// already, or closed, stays so. Answered with an <see cref="ExternalChange"/>.
/// </summary>
/// <param name="Services">"tcp/22", "tcp/80-90", "udp/53", "icmp" (echo requests) or "all"; at least one.</param>
/// <param name="From">For "open": IPv4 and IPv6 networks that it is opened to; everybody when left out.</param>
/// <param name="Plan">Only say what would be done.</param>
public sealed record OpenRequest(
    IReadOnlyList<string>? Services = null,
    IReadOnlyList<string>? From = null,
    bool? Plan = null
);

/// <summary>Body of <c>POST /api/v1/vms/{id}/addresses</c>. Answered with an <see cref="ExternalChange"/>.</summary>
/// <param name="Address">A public IPv4 or IPv6 address; one that is free when left out.</param>
/// <param name="Kind">"ipv4" (when left out) or "ipv6", for an address that is to be found.</param>
/// <param name="Move">Take the address from the VM that has it.</param>
/// <param name="Plan">Only say what would be done.</param>
public sealed record AttachAddressRequest(
    string? Address = null,
    string? Kind = null,
    bool? Move = null,
    bool? Plan = null
);

/// <summary>Body of <c>POST /api/v1/forwards</c>. Answered with an <see cref="ExternalChange"/>.</summary>
/// <param name="Vm">Name or id.</param>
/// <param name="GuestPorts">"80", or a range "80-90" that is as long as that of the host.</param>
/// <param name="HostPorts">Likewise; free ones of <c>external.forward_ports</c> when left out.</param>
/// <param name="HostAddress">An IPv4 address of the host; all but loopback when left out.</param>
/// <param name="Protocol">"tcp" (when left out) or "udp".</param>
/// <param name="From">IPv4 networks that may come in; everybody when left out.</param>
/// <param name="Plan">Only say what would be done.</param>
public sealed record AddForwardRequest(
    string? Vm = null,
    string? GuestPorts = null,
    string? HostPorts = null,
    string? HostAddress = null,
    string? Protocol = null,
    IReadOnlyList<string>? From = null,
    bool? Plan = null
);

/// <param name="HostAddress">Null: all of the host's but loopback.</param>
/// <param name="Vm">The VM's id.</param>
/// <param name="From">Empty: everybody.</param>
public sealed record Forward(
    string Id,
    string Vm,
    string VmName,
    string? HostAddress,
    string HostPorts,
    string GuestAddress,
    string GuestPorts,
    string Protocol,
    IReadOnlyList<string> From
);

/// <summary><c>GET /api/v1/forwards</c>, in the order of host ports; with <c>vm</c> those of one VM.</summary>
/// <param name="Total">How many there are without a limit.</param>
public sealed record ForwardList(IReadOnlyList<Forward> Items, int Total);

/// <param name="Service">"tcp/22", "tcp/80-90", "icmp", "all".</param>
/// <param name="From">Empty: everybody.</param>
public sealed record VmOpening(string Service, IReadOnlyList<string> From);

/// <summary>How a VM is reached from outside.</summary>
public sealed record VmExternal(
    string? Ipv6,
    string? PublicIpv4,
    IReadOnlyList<VmOpening> Open,
    IReadOnlyList<Forward> Forwards
);

/// <summary>A change of how VMs are reached from outside: done, planned, or one of the past.</summary>
/// <param name="Id">By which it can be rolled back; null for a plan, and where nothing differed.</param>
/// <param name="Action">"create", "delete", "open", "close", "attach-address", "detach-address", "add-forward", "delete-forward" or "rollback".</param>
/// <param name="Planned">Whether nothing was done.</param>
/// <param name="Summary">One sentence for a person.</param>
/// <param name="Changes">Of the host, in their order, of VMs that run; for a change of the past none.</param>
/// <param name="By">Who asked for it: an actor of the audit log, or "controller"; null for a plan.</param>
public sealed record ExternalChange(
    string? Id,
    DateTimeOffset? Time,
    string Action,
    bool Planned,
    string Summary,
    IReadOnlyList<ExternalVmChange> Vms,
    IReadOnlyList<PlanChange> Changes,
    string? By = null
);

/// <param name="Vm">The VM's id.</param>
public sealed record ExternalVmChange(string Vm, string Name, VmExternal Before, VmExternal After);

/// <summary><c>GET /api/v1/external/history</c>, newest first.</summary>
public sealed record ExternalChangeList(IReadOnlyList<ExternalChange> Items, int Total);

/// <summary>Body of <c>POST /api/v1/external/history/{id}/rollback</c>; it may be left out.</summary>
public sealed record RollbackExternalRequest(bool? Plan = null);

/// <summary><c>GET /api/v1/external</c>: what dedicated addresses there are.</summary>
/// <param name="Ipv6">The prefix; null where there is none.</param>
/// <param name="Delivery">"routed" or "on-link"; null without a prefix, and where the host could not be read.</param>
/// <param name="DeliveryReason">What it was found out by.</param>
/// <param name="ForwardPorts">Where ports are taken from that nobody chose.</param>
public sealed record ExternalStatus(
    string? Ipv6,
    string? Delivery,
    string? DeliveryReason,
    IReadOnlyList<string> Ipv4,
    string ForwardPorts,
    IReadOnlyList<ExternalCount> Counts
);

/// <param name="Kind">"ipv6", "ipv4" or "forward-port", which counts TCP and UDP ports of <c>external.forward_ports</c>.</param>
/// <param name="Reserved">Of the host and its routers, and what no host may have.</param>
/// <param name="Cooling">Given back a short while ago.</param>
public sealed record ExternalCount(
    string Kind,
    decimal Total,
    decimal Used,
    decimal Cooling,
    decimal Reserved,
    decimal Free
);

/// <summary><c>GET /api/v1/external/addresses</c>, in their order.</summary>
public sealed record DedicatedAddressList(IReadOnlyList<DedicatedAddress> Items, int Total);

/// <param name="Kind">"ipv6" or "ipv4".</param>
/// <param name="State">"used" or "cooling".</param>
/// <param name="Vm">The id of the VM that has it, or had it last.</param>
/// <param name="Until">When an address that cools is free again.</param>
public sealed record DedicatedAddress(
    string Address,
    string Kind,
    string State,
    string Vm,
    string? VmName,
    DateTimeOffset Since,
    DateTimeOffset? Until
);

/// <summary><c>POST /api/v1/vms/{id}/external-check</c>.</summary>
/// <param name="Passed">Whether nothing failed; what could not be found out does not count.</param>
public sealed record ExternalCheck(string Vm, string Name, bool Passed, IReadOnlyList<ExternalFinding> Findings);

/// <param name="Subject">An address, or a forward: "8080 -> 80/tcp".</param>
/// <param name="Check">"address", "route", "neighbour", "neighbour proxy", "guest", "translation", "open" or "reachable".</param>
/// <param name="Passed">Null where it could not be found out.</param>
public sealed record ExternalFinding(string Subject, string Check, bool? Passed, string Detail);
