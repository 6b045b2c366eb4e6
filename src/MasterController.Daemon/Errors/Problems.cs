using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.Quotas;
using MasterController.Core.Vms;
using MasterController.Core.WebHooks;
using MasterController.Daemon.Endpoints;
using Operation = MasterController.Core.Operations.Operation;

namespace MasterController.Daemon.Errors;

/// <summary>The one place that knows which refusal is which problem.</summary>
internal static partial class Problems
{
    /// <summary>What an outcome's accepted cases must not reach: those are the endpoint's to answer.</summary>
    private const string NotARefusal = "the outcome is not a refusal";

    /// <summary>How many of the leases that stand in the way are named.</summary>
    private const int NamedLeases = 10;

    public static ProblemResult Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(
            Of(ProblemTypes.InvalidRequest, "The request is not valid.", 400, Summary(errors)) with
            {
                Errors = errors,
            }
        );

    public static ProblemResult Invalid(string field, string error) =>
        Invalid(new Dictionary<string, string[]> { [field] = [error] });

    public static ProblemResult NotFound(string kind, string name) =>
        new(Of(ProblemTypes.NotFound, $"There is no such {kind}.", 404, $"There is no {kind} \"{name}\"."));

    public static ProblemResult From(VmOutcome refusal) =>
        refusal switch
        {
            VmOutcome.NotFound no => NotFound("VM", no.Vm),
            VmOutcome.Invalid invalid => Invalid(invalid.Errors),
            VmOutcome.NameTaken taken => Conflict(
                ProblemTypes.NameTaken,
                "The name is taken.",
                $"The VM {taken.VmId} has the name \"{taken.Name}\"."
            ),
            VmOutcome.IdempotencyConflict conflict => Conflict(
                ProblemTypes.IdempotencyConflict,
                "The idempotency key was used before.",
                $"The key \"{conflict.Key}\" cannot be used again: {conflict.Detail}."
            ),
            VmOutcome.NoAddress no => From(no.Reason),
            VmOutcome.NoDedicatedAddress no => From(no.Reason),
            VmOutcome.ImageMissing missing => Conflict(
                ProblemTypes.ImageMissing,
                "The image is missing.",
                $"There is no image \"{missing.Image}\"; build it with: mctl image build"
            ),
            VmOutcome.ImageBuilding building => Building(building.Image, building.Operation),
            VmOutcome.LimitReached limit => Conflict(
                ProblemTypes.LimitReached,
                $"The limit on {limit.Limit} is reached.",
                limit.Detail
            ),
            VmOutcome.QuotaExceeded exceeded => From(exceeded.Reason),
            VmOutcome.WrongState wrong => Conflict(
                ProblemTypes.WrongState,
                "The VM's status does not allow it.",
                $"The VM \"{wrong.Vm.Name}\" is {VmStatusName.Of(wrong.Vm.Status)}; it cannot {wrong.Wish}."
            ),
            VmOutcome.NotInForce refused => new ProblemResult(
                Of(
                    ProblemTypes.NotInForce,
                    "The change is stored, and not in force yet.",
                    503,
                    $"It is tried again for the VM \"{refused.Vm.Name}\" until it is: {refused.Why}"
                ),
                retryAfter: TimeSpan.FromSeconds(5)
            ),
            VmOutcome.NetworkModeNone => NetworkModeNone("VMs need \"routed\""),
            _ => throw new System.Diagnostics.UnreachableException(NotARefusal),
        };

    public static ProblemResult From(QuotaRefusal refusal) =>
        Conflict(ProblemTypes.QuotaExceeded, "The owner may not have more.", refusal.Words);

    public static ProblemResult From(WebHookOutcome refusal) =>
        refusal switch
        {
            WebHookOutcome.NotFound no => NotFound("web hook", no.Name),
            WebHookOutcome.Invalid invalid => Invalid(invalid.Errors),
            WebHookOutcome.NameTaken taken => Conflict(
                ProblemTypes.NameTaken,
                "The name is taken.",
                $"There is a web hook \"{taken.Name}\"."
            ),
            WebHookOutcome.LimitReached limit => Conflict(
                ProblemTypes.LimitReached,
                "There are too many web hooks.",
                $"There may be {limit.Most} web hooks, and there are."
            ),
            _ => throw new System.Diagnostics.UnreachableException(NotARefusal),
        };

    public static ProblemResult From(LeaseOutcome refusal) =>
        refusal switch
        {
            LeaseOutcome.NoSuchPool no => NotFound("pool", no.Pool),
            LeaseOutcome.Invalid invalid => Invalid(invalid.Field, invalid.Message),
            LeaseOutcome.Exhausted full => Conflict(
                ProblemTypes.PoolExhausted,
                "The pool has no free address.",
                $"Of {full.Counts.Total} addresses of the pool \"{full.Pool}\" {full.Counts.Used} are used, "
                    + $"{full.Counts.Cooling} cooling, {full.Counts.Reserved} reserved."
            ),
            LeaseOutcome.AddressInUse used => Conflict(
                ProblemTypes.AddressInUse,
                "The address is in use.",
                $"{used.Address} is leased to \"{used.Owner}\"."
            ),
            LeaseOutcome.OwnerHoldsOther other => Conflict(
                ProblemTypes.AddressInUse,
                "The owner holds another address.",
                $"\"{other.Held.Owner}\" holds {other.Held.Address} and cannot be given {other.Wanted} as well."
            ),
            LeaseOutcome.Cooling cooling => Conflict(
                ProblemTypes.AddressCooling,
                "The address is cooling down.",
                $"{cooling.Address} is kept from other owners until {cooling.Until:O}."
            ),
            LeaseOutcome.Reserved reserved => Conflict(
                ProblemTypes.AddressReserved,
                "The address is reserved.",
                $"{reserved.Address} is not leased: {reserved.Reason}."
            ),
            LeaseOutcome.OutsidePool outside => new ProblemResult(
                Of(
                    ProblemTypes.AddressOutsidePool,
                    "The address is not in the pool.",
                    400,
                    $"{outside.Address} is in none of the pool's ranges: "
                        + string.Join(", ", outside.Ranges.Select(r => $"{r.Network} ({r.First}–{r.Last})"))
                )
            ),
            _ => throw new System.Diagnostics.UnreachableException(NotARefusal),
        };

    public static ProblemResult From(ReleaseOutcome refusal) =>
        refusal switch
        {
            ReleaseOutcome.NoSuchPool no => NotFound("pool", no.Pool),
            ReleaseOutcome.NotLeased free => NotFound("lease", free.Address.ToString()),
            ReleaseOutcome.HeldByOther other => Conflict(
                ProblemTypes.AddressInUse,
                "The address is leased to another owner.",
                $"{other.Address} is leased to \"{other.Owner}\"."
            ),
            _ => throw new System.Diagnostics.UnreachableException(NotARefusal),
        };

    /// <summary>A VM's address goes with the VM and with nothing else.</summary>
    public static ProblemResult LeaseOfVm(VmRecord vm) =>
        Conflict(
            ProblemTypes.WrongState,
            "The address belongs to a VM.",
            $"{vm.Address} belongs to the VM \"{vm.Name}\"; it is released when the VM is deleted."
        );

    public static ProblemResult NotReady(string reason) =>
        new(
            Of(ProblemTypes.NotReady, "The controller is not ready.", 503, reason),
            retryAfter: TimeSpan.FromSeconds(1)
        );

    public static ProblemResult StoreUnavailable(string reason) =>
        new(
            Of(ProblemTypes.StoreUnavailable, "The change could not be stored.", 503, reason),
            retryAfter: TimeSpan.FromSeconds(1)
        );

    public static ProblemResult StoreUnreadable(string reason) =>
        new(
            Of(ProblemTypes.StoreUnavailable, "The store could not be read.", 503, reason),
            retryAfter: TimeSpan.FromSeconds(1)
        );

    public static ProblemResult MethodNotAllowed(string method, string path) =>
        new(Of(ProblemTypes.MethodNotAllowed, "The method is not allowed.", 405, $"{path} does not take {method}."));

    public static ProblemResult NoSuchPath(string path) =>
        new(Of(ProblemTypes.NotFound, "There is no such path.", 404, $"There is no {path}; see /docs."));

    public static ProblemResult UnsupportedMediaType(string? contentType) =>
        new(
            Of(
                ProblemTypes.UnsupportedMediaType,
                "The body is not JSON.",
                415,
                $"Content-Type is \"{contentType}\"; it has to be application/json."
            )
        );

    /// <param name="why">What that means for the request, to be continued by a full stop.</param>
    public static ProblemResult NetworkModeNone(string why) =>
        Conflict(
            ProblemTypes.NetworkModeNone,
            "This controller only leases addresses.",
            $"network.mode is \"none\"; {why}."
        );

    public static ProblemResult NetworkUnreadable(string detail) =>
        new(Of(ProblemTypes.NetworkUnreadable, "The host network cannot be read.", 503, detail));

    public static ProblemResult TooLarge(string detail) =>
        new(Of(ProblemTypes.TooLarge, "The request is too large.", 413, detail));

    /// <summary>The cause goes to the log, under the same trace id, and not to the caller.</summary>
    public static ProblemResult Internal(string traceId) =>
        new(
            Of(
                ProblemTypes.Internal,
                "Something went wrong in the controller.",
                500,
                $"The controller's log has the cause under {traceId}."
            )
        );

    private static ProblemResult Building(string image, Operation operation) =>
        new(
            Of(
                ProblemTypes.ImageBuilding,
                "The image is being built.",
                409,
                $"The image \"{image}\" is {operation.Progress:P0} built"
                    + (operation.Detail is null ? "" : $" ({operation.Detail})")
                    + $"; wait for it with: mctl operation wait {operation.Id}"
            ) with
            {
                OperationId = operation.Id,
                Progress = operation.Progress,
            },
            retryAfter: TimeSpan.FromSeconds(5)
        );

    private static ProblemResult Conflict(string type, string title, string detail) =>
        new(Of(type, title, 409, detail));

    private static Problem Of(string type, string title, int status, string detail) =>
        new($"/problems/{type}", title, status, detail);

    private static string Summary(IReadOnlyDictionary<string, string[]> errors) =>
        string.Join("; ", errors.SelectMany(e => e.Value.Select(text => $"{e.Key}: {text}")));
}
