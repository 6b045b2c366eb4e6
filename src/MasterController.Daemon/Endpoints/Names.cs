using System.Diagnostics;
using MasterController.Core.AddressHistory;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Vms;

namespace MasterController.Daemon.Endpoints;

/// <summary>The names that statuses have in the API; they are part of the contract, the enums' are not.</summary>
internal static class Names
{
    public static IReadOnlyList<string> VmStatuses { get; } = [.. Enum.GetValues<VmStatus>().Select(VmStatusName.Of)];

    public static IReadOnlyList<string> OperationStatuses { get; } = [.. Enum.GetValues<OperationStatus>().Select(Of)];

    public static string Of(RestartPolicy policy) =>
        policy switch
        {
            RestartPolicy.Never => "never",
            RestartPolicy.OnFailure => "on-failure",
            _ => throw new UnreachableException(),
        };

    public static string Of(GatewayChange change) =>
        change switch
        {
            GatewayChange.Add => "add",
            GatewayChange.Keep => "keep",
            GatewayChange.Remove => "remove",
            _ => throw new UnreachableException(),
        };

    public static string Of(HostChangeKind kind) =>
        kind switch
        {
            HostChangeKind.Add => "add",
            HostChangeKind.Change => "change",
            HostChangeKind.Remove => "remove",
            _ => throw new UnreachableException(),
        };

    public static string Of(AddressState state) =>
        state switch
        {
            AddressState.Free => "free",
            AddressState.Leased => "leased",
            AddressState.Cooling => "cooling",
            AddressState.Reserved => "reserved",
            AddressState.Gateway => "gateway",
            AddressState.KeptGateway => "kept-gateway",
            AddressState.Draining => "draining",
            AddressState.Network => "network",
            AddressState.Broadcast => "broadcast",
            AddressState.OutsideRange => "outside-range",
            AddressState.OutsidePools => "outside-pools",
            _ => throw new UnreachableException(),
        };

    public static string Of(OperationStatus status) =>
        status switch
        {
            OperationStatus.Running => "running",
            OperationStatus.Succeeded => "succeeded",
            OperationStatus.Failed => "failed",
            OperationStatus.RolledBack => "rolled-back",
            _ => throw new UnreachableException(),
        };

    public static string Of(StepStatus status) =>
        status switch
        {
            StepStatus.Pending => "pending",
            StepStatus.Running => "running",
            StepStatus.Done => "done",
            StepStatus.Failed => "failed",
            StepStatus.Undone => "undone",
            _ => throw new UnreachableException(),
        };
}
