using MasterController.Cli.Api;
using MasterController.Contracts;

namespace MasterController.Cli.Errors;

/// <summary>For each problem the next command, as far as one exists.</summary>
internal static class ProblemHints
{
    public static string? For(ApiException e) =>
        e.Kind switch
        {
            ProblemTypes.InvalidRequest => null,
            ProblemTypes.NotFound => "see what there is: mctl vm list, mctl pool list, mctl operation list",
            ProblemTypes.Unauthenticated =>
                "use the daemon's Unix socket as root or as a member of its group, or give a key: MASTER_CONTROLLER_KEY",
            ProblemTypes.Forbidden => "see as whom you are known, and what that may do: mctl whoami",
            ProblemTypes.TooManyRequests => "wait a little; limits: master-controller config show",
            ProblemTypes.QuotaExceeded => "see what the owner has and may have: mctl quota show OWNER",
            ProblemTypes.TooLarge => null,
            ProblemTypes.MethodNotAllowed or ProblemTypes.UnsupportedMediaType =>
                "mctl and the daemon differ in version: mctl --version, master-controller --version",
            ProblemTypes.NameTaken => "choose another name; those in use: mctl vm list -q",
            ProblemTypes.PoolExhausted => "see who holds the addresses: mctl pool show, mctl lease list",
            ProblemTypes.AddressInUse => "see who holds which address: mctl lease list",
            ProblemTypes.AddressCooling =>
                "leave --address out for another one, or wait for the pool's cool-down: mctl pool show",
            ProblemTypes.AddressReserved => "leave --address out for the next free one; reservations: mctl pool show",
            ProblemTypes.AddressOutsidePool => "see the pool's ranges: mctl pool show",
            ProblemTypes.PoolOverlap => "see the ranges in use: mctl pool list",
            ProblemTypes.PoolHasLeases => "see its leases: mctl lease list --pool POOL",
            ProblemTypes.BridgeFull =>
                "leave --network bridge out, or give a smaller CIDR: a /22 is the largest that fits",
            ProblemTypes.BridgeNotOurs => "see what is on it, and what adopting it would do: mctl net adopt --plan",
            ProblemTypes.PlanStale =>
                "the pool has changed since the plan was made; give the command again for a new one: mctl pool history POOL",
            ProblemTypes.PlanConflicts => "see what is in the way, and the fix for each: the same command with --plan",
            ProblemTypes.LeasesOutside =>
                "wait for their end with --drain, or see whose they are: mctl lease list --pool POOL",
            ProblemTypes.ConfirmTooLate => "see what became of the change: mctl pool history POOL, mctl operation list",
            ProblemTypes.PoolChanging when e.Problem.OperationId is { } id =>
                $"look at it, or wait for it: mctl operation show {id}, mctl operation wait {id}",
            ProblemTypes.PoolChanging => "wait for it: mctl operation list",
            ProblemTypes.NetworkUnreadable => "see why: mctl doctor, journalctl -u master-controller",
            ProblemTypes.IdempotencyConflict =>
                "the key was used for another request; leave --idempotency-key out for a new one",
            ProblemTypes.WrongState => "see its state: mctl vm show NAME, mctl pool show POOL",
            ProblemTypes.ImageMissing => "build it: mctl image build",
            ProblemTypes.ImageBuilding when e.Problem.OperationId is { } id => $"wait for it: mctl operation wait {id}",
            ProblemTypes.ImageBuilding => "wait for it: mctl operation list",
            ProblemTypes.LimitReached =>
                "delete VMs that are not needed, or raise the limit: master-controller config show",
            ProblemTypes.PortInUse =>
                "leave the host's port out for a free one; those in use: mctl forward list, ss -ltnu",
            ProblemTypes.ExternalConflicts => "see who has what: mctl external addresses, mctl forward list",
            ProblemTypes.NoDedicatedAddress => "see what there is: mctl external show",
            ProblemTypes.NetworkModeNone => "VMs need network.mode = \"routed\" in the daemon's configuration",
            ProblemTypes.NotInForce => "see when it is: mctl vm show NAME, journalctl -u master-controller",
            ProblemTypes.NotReady => "see what is missing: mctl doctor",
            ProblemTypes.StoreUnavailable => "see why: journalctl -u master-controller",
            ProblemTypes.Internal => "see why: journalctl -u master-controller",
            _ => null,
        };
}
