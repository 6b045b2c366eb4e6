using MasterController.Contracts;
using MasterController.Core.Access;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using ExternalChange = MasterController.Core.External.ExternalChange;
using ExternalVmChange = MasterController.Core.External.ExternalVmChange;

namespace MasterController.Daemon.Endpoints;

/// <summary>How VMs are reached from outside, as the contract shows it.</summary>
internal static class ExternalMapping
{
    private const int MostShown = 1000;

    public static Contracts.ExternalChange Change(ExternalOutcome.Done done) =>
        new(
            done.Id,
            done.Time,
            done.Action,
            done.IsPlan,
            done.Summary,
            [.. done.Vms.Select(Vm)],
            [.. done.Host.Take(MostShown).Select(PlanMapping.Change)],
            done.IsPlan ? null : Actor.Current
        );

    public static Contracts.ExternalChange Change(ExternalChange past) =>
        new(
            past.Id,
            past.Time,
            past.Action,
            Planned: false,
            past.Summary,
            [.. past.Vms.Select(Vm)],
            Changes: [],
            past.By
        );

    public static IReadOnlyList<VmOpening> Open(ExternalAccess? access) =>
        [.. (access?.Open ?? []).Select(o => new VmOpening(o.Service, Sources(o.From)))];

    public static IReadOnlyList<Forward> Forwards(VmRecord vm) =>
        [.. (vm.External?.Forwards ?? []).Select(f => Forward(f, vm.Id, vm.Name, vm.Address))];

    public static Forward Forward(PortForward forward, string vm, string name, Ipv4Address guest) =>
        new(
            forward.Id,
            vm,
            name,
            forward.HostAddress?.ToString(),
            forward.HostPorts.ToString(),
            guest.ToString(),
            forward.GuestPorts.ToString(),
            EgressRule.NameOf(forward.Protocol),
            Sources(forward.From)
        );

    public static ExternalCount Count(ExternalCounts counts) =>
        new(counts.Kind, counts.Total, counts.Used, counts.Cooling, counts.Reserved, counts.Free);

    public static DedicatedAddress Address(ExternalLease lease, string? vmName, DateTimeOffset? until) =>
        new(
            lease.Address.ToString(),
            AddressKind.Of(lease.Address),
            lease.ReleasedAt is null ? "used" : "cooling",
            lease.Vm,
            vmName,
            lease.ReleasedAt ?? lease.Since,
            until
        );

    public static string? Of(PrefixDelivery? delivery) =>
        delivery switch
        {
            PrefixDelivery.Routed => "routed",
            PrefixDelivery.OnLink => "on-link",
            _ => null,
        };

    public static Contracts.ExternalCheck Check(VmRecord vm, ExternalCheckOutcome outcome) =>
        new(
            vm.Id,
            vm.Name,
            outcome.Passed,
            [.. outcome.Findings.Select(f => new Contracts.ExternalFinding(f.Subject, f.Check, f.Passed, f.Detail))]
        );

    private static Contracts.ExternalVmChange Vm(ExternalVmChange change) =>
        new(change.Vm, change.Name, External(change, change.Before), External(change, change.After));

    private static VmExternal External(ExternalVmChange change, ExternalAccess access) =>
        new(
            access.Ipv6?.ToString(),
            access.PublicIpv4?.ToString(),
            Open(access),
            [.. access.Forwards.Select(f => Forward(f, change.Vm, change.Name, change.Address))]
        );

    private static IReadOnlyList<string> Sources(SourceNetworks from) =>
        [.. from.Ipv4.Select(n => n.ToString()), .. from.Ipv6.Select(n => n.ToString())];
}
