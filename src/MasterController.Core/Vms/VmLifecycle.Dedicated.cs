using MasterController.Core.Access;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Store;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    /// <summary>The field of a create that says which IPv6 address is wanted.</summary>
    private const string Ipv6Field = "ipv6";

    /// <summary>
    /// Takes the IPv6 address of a VM that is to be, while its IPv4 address is being leased: both are stored in one commit.
    /// Null where it is to have none.
    /// </summary>
    /// <exception cref="DedicatedAddressException">It cannot be had, so that the VM is not to have the other either.</exception>
    private DedicatedLease? LeaseIpv6(VmSpec spec, ref VmRecord vm)
    {
        if (!spec.Ipv6.IsWanted)
            return null;
        var refusal = external.TryLease(
            vm,
            spec.Ipv6.Chosen,
            spec.Type.RouterAdvertisements,
            Ipv6Field,
            out var reservation
        );
        if (refusal is not null)
            throw new DedicatedAddressException(refusal);
        var given = reservation.Changes[0];
        vm = vm with { External = given.After };
        return new DedicatedLease(
            reservation,
            new ExternalChange(
                ExternalChange.NewId(),
                vm.CreatedAt,
                ExternalAction.Create,
                $"{vm.Name} was created with {given.After.Ipv6}",
                [given],
                Actor.Current
            )
        );
    }

    /// <summary>What a VM that goes gives back, for the commit that drops its record; null where it has nothing.</summary>
    private DedicatedLease? GiveBack(VmRecord vm)
    {
        if (vm.External is not { IsNone: false } access)
            return null;
        var lost = ExternalVmChange.Of(vm, ExternalAccess.None);
        // Whoever gets nothing is not refused.
        _ = external.TryBegin([lost], Ipv6Field, out var reservation);
        string[] words =
        [
            .. access.Addresses().Select(a => a.ToString()),
            .. access.Forwards.Count > 0 ? [$"{access.Forwards.Count} forwards"] : Array.Empty<string>(),
        ];
        return new DedicatedLease(
            reservation,
            new ExternalChange(
                ExternalChange.NewId(),
                clock.GetUtcNow(),
                ExternalAction.Delete,
                $"{vm.Name} was deleted and gave back {string.Join(", ", words)}",
                [lost],
                Actor.Current
            )
        );
    }

    /// <summary>What is stored beside a VM's record, and told when it is.</summary>
    private sealed record DedicatedLease(ExternalReservation Reservation, ExternalChange Change)
    {
        public IEnumerable<StoreChange> Rows => [.. Reservation.Rows, new StoreChange.ExternalChangeSaved(Change)];
    }

    /// <summary>Ends a lease that was as good as given: where it is thrown from, nothing is left of it.</summary>
    private sealed class DedicatedAddressException(ExternalRefusal refusal) : Exception(refusal.Words)
    {
        public ExternalRefusal Refusal => refusal;
    }
}
