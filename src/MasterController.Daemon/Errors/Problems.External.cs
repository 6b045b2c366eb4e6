using MasterController.Contracts;
using MasterController.Core.External;
using MasterController.Core.Vms;

namespace MasterController.Daemon.Errors;

internal static partial class Problems
{
    public static ProblemResult From(ExternalOutcome refusal) =>
        refusal switch
        {
            ExternalOutcome.NotFound no => NotFound(no.Kind, no.Name),
            ExternalOutcome.Invalid invalid => Invalid(invalid.Errors),
            ExternalOutcome.Refused refused => From(refused.Reason),
            ExternalOutcome.QuotaExceeded exceeded => From(exceeded.Reason),
            ExternalOutcome.Conflicts conflicts => Conflict(
                ProblemTypes.ExternalConflicts,
                "Something stands in the way.",
                $"{conflicts.Change} cannot be taken back: {string.Join("; ", conflicts.InTheWay)}."
            ),
            ExternalOutcome.WrongState wrong => From(new VmOutcome.WrongState(wrong.Vm, wrong.Wish)),
            ExternalOutcome.NotInForce refused => From(new VmOutcome.NotInForce(refused.Vm, refused.Why)),
            ExternalOutcome.NetworkModeNone => NetworkModeNone("VMs and their addresses need \"routed\""),
            _ => throw new System.Diagnostics.UnreachableException(NotARefusal),
        };

    public static ProblemResult From(ExternalRefusal refusal) =>
        refusal switch
        {
            ExternalRefusal.Invalid invalid => Invalid(invalid.Field, invalid.Message),
            ExternalRefusal.AddressInUse used => Named(
                ProblemTypes.AddressInUse,
                "The address is another VM's.",
                used.Field,
                used
            ),
            ExternalRefusal.HasOther other => Named(
                ProblemTypes.AddressInUse,
                "The VM has another address.",
                other.Field,
                other
            ),
            ExternalRefusal.Cooling cooling => Named(
                ProblemTypes.AddressCooling,
                "The address is cooling down.",
                cooling.Field,
                cooling
            ),
            ExternalRefusal.Reserved reserved => Named(
                ProblemTypes.AddressReserved,
                "The address is reserved.",
                reserved.Field,
                reserved
            ),
            ExternalRefusal.NoneFree none => Named(
                ProblemTypes.NoDedicatedAddress,
                "There is no dedicated address.",
                none.Field,
                none
            ),
            ExternalRefusal.PortInUse port => Named(ProblemTypes.PortInUse, "The port is in use.", port.Field, port),
            _ => throw new System.Diagnostics.UnreachableException(NotARefusal),
        };

    private static ProblemResult Named(string type, string title, string field, ExternalRefusal refusal) =>
        new(
            Of(type, title, 409, $"{char.ToUpperInvariant(refusal.Words[0])}{refusal.Words[1..]}.") with
            {
                Errors = new Dictionary<string, string[]> { [field] = [refusal.Words] },
            }
        );
}
