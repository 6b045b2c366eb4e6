using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;

namespace MasterController.Daemon.Endpoints;

/// <summary>The product's records as the contract shows them.</summary>
internal static class Mapping
{
    public static Contracts.Vm Vm(VmRecord vm, VmLifecycle vms)
    {
        var attachment = new Attachment(vm.Address, vm.Gateway, OwnerUid: 0);
        return new Contracts.Vm(
            vm.Id,
            vm.Name,
            vm.Type,
            vm.Owner,
            vm.Labels,
            VmStatusName.Of(vm.Status),
            vm.StatusReason,
            vm.Address.ToString(),
            vm.Gateway?.ToString(),
            attachment.Mac.ToString(),
            attachment.TapName,
            vm.Pool,
            vm.Image,
            vm.Vcpus,
            vm.MemoryMib,
            Names.Of(vm.Restart),
            vm.Restarts,
            vm.Hypervisor,
            vm.Process?.Pid,
            vm.CreatedAt,
            vm.StartedAt,
            vm.ReadyAt,
            Egress(vms.EgressOf(vm)),
            Limit(vms.RateLimitOf(vm)),
            vm.External?.Ipv6?.ToString(),
            vm.External?.PublicIpv4?.ToString(),
            ExternalMapping.Open(vm.External),
            ExternalMapping.Forwards(vm)
        );
    }

    private static Contracts.VmRateLimit Limit((RateLimit? Limit, bool IsOwn) limit) =>
        new(
            SourceOf(limit.Limit, limit.IsOwn),
            new Contracts.RateLimit(
                limit.Limit?.OutBytesPerSecond,
                limit.Limit?.OutBurstBytes,
                limit.Limit?.OutPacketsPerSecond,
                limit.Limit?.OutBurstPackets,
                limit.Limit?.InBytesPerSecond,
                limit.Limit?.InBurstBytes,
                limit.Limit?.InPacketsPerSecond,
                limit.Limit?.InBurstPackets
            )
        );

    private static string SourceOf(object? policy, bool isOwn) =>
        isOwn ? "vm"
        : policy is null ? "none"
        : "type";

    private static Contracts.VmEgress Egress((EgressPolicy? Policy, bool IsOwn) egress) =>
        new(
            SourceOf(egress.Policy, egress.IsOwn),
            egress.Policy?.AllowsByDefault == false ? EgressRequest.DenyWord : EgressRequest.AllowWord,
            [.. egress.Policy?.Allow.Select(rule => rule.ToString()) ?? []],
            [.. egress.Policy?.Deny.Select(rule => rule.ToString()) ?? []]
        );

    public static Contracts.Lease Lease(Lease lease, AddressRange range) =>
        new(
            lease.Address.ToString(),
            lease.Owner,
            lease.Pool,
            range.Network.ToString(),
            range.Gateway?.ToString(),
            lease.Since
        );

    public static Contracts.Operation Operation(Core.Operations.Operation operation) =>
        new(
            operation.Id,
            operation.Kind,
            operation.Subject,
            Names.Of(operation.Status),
            [.. operation.Steps.Select(s => new Contracts.OperationStep(s.Name, Names.Of(s.Status), s.Milliseconds))],
            operation.Progress,
            operation.Detail,
            operation.Error,
            operation.StartedAt,
            operation.EndedAt,
            operation.Result,
            operation.By
        );

    public static Contracts.Event Event(ControllerEvent happened) =>
        new(happened.Id, happened.Time, happened.Type, happened.Subject, happened.Message, happened.Data);

    public static Contracts.PoolRange Range(AddressRange range) =>
        new(
            range.Network.ToString(),
            range.First.ToString(),
            range.Last.ToString(),
            range.Gateway?.ToString(),
            [.. range.Reservations.Select(r => r.PrefixLength == 32 ? r.Address.ToString() : r.ToString())]
        );
}
