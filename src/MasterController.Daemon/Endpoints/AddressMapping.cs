using System.Diagnostics;
using MasterController.Contracts;
using MasterController.Core.AddressHistory;
using MasterController.Linux.Addresses;
using AddressMoment = MasterController.Contracts.AddressMoment;

namespace MasterController.Daemon.Endpoints;

/// <summary>What is known of an address as the contract shows it.</summary>
internal static class AddressMapping
{
    public static AddressInfo Info(AddressExplanation known) =>
        new(
            known.Address.ToString(),
            Names.Of(known.State),
            known.Reason,
            known.Pool,
            known.Range is null ? null : Mapping.Range(known.Range),
            known.Owner,
            known.VmName,
            known.Since,
            known.Until,
            known.OperationId,
            new AddressKernel(known.Kernel.Route, known.Kernel.Neighbour, known.Kernel.Firewall, known.KernelError)
        );

    /// <param name="nameOf">The name of the VM that an owner key stands for, or null.</param>
    public static AddressHistoryList History(Ipv4Address address, AddressPast past, Func<string, string?> nameOf) =>
        new(
            address.ToString(),
            past.KnownSince,
            past.Then is { } then
                ? new AddressMoment(
                    then.Time,
                    Names.Of(then.State),
                    then.Reason,
                    then.Pool,
                    then.Owner,
                    then.Owner is null ? null : nameOf(then.Owner),
                    then.Since,
                    then.Until,
                    then.OperationId
                )
                : null,
            [.. past.Entries.Select(e => Event(e, nameOf))],
            past.Total
        );

    private static AddressEvent Event(AddressEntry entry, Func<string, string?> nameOf) =>
        entry switch
        {
            AddressEntry.Held(var period) => new AddressEvent(
                period.Since,
                period.Until,
                Names.Of(AddressState.Leased),
                Reason: null,
                period.Pool,
                period.Owner,
                nameOf(period.Owner),
                period.OperationId,
                Version: null,
                Action: null
            ),
            AddressEntry.Became(var state, var reason, var version) => new AddressEvent(
                version.Time,
                Until: null,
                Names.Of(state),
                reason,
                version.Definition.Name,
                Owner: null,
                Vm: null,
                version.OperationId,
                version.Definition.Version,
                version.Action
            ),
            _ => throw new UnreachableException(),
        };
}
