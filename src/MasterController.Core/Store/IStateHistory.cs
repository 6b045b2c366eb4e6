using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Quotas;
using MasterController.Core.Utilisation;
using MasterController.Core.WebHooks;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Store;

/// <summary>
/// What the store remembers and nobody keeps in memory. Read beside the commits and without holding them up; what was
/// committed before the call is seen.
/// </summary>
public interface IStateHistory
{
    /// <summary>Every definition that a pool has had, oldest first; empty where there is no such pool.</summary>
    Task<IReadOnlyList<PoolVersion>> ReadPoolVersionsAsync(string pool, CancellationToken cancellationToken);

    /// <summary>Everyone who has had an address, the present one last; as far back as the history is kept.</summary>
    Task<IReadOnlyList<LeasePeriod>> ReadLeasePeriodsAsync(Ipv4Address address, CancellationToken cancellationToken);

    /// <summary>Samples from <paramref name="from"/> to <paramref name="to"/>, both inclusive, oldest first.</summary>
    Task<IReadOnlyList<UtilisationSample>> ReadUtilisationAsync(
        string pool,
        SampleInterval interval,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    );

    /// <summary>What differed in the host network and has ended, newest first.</summary>
    /// <param name="most">How many there are at most.</param>
    Task<IReadOnlyList<DriftEntry>> ReadDriftAsync(int most, CancellationToken cancellationToken);

    /// <summary>How VMs were reached from outside, newest first; of one VM, of one dedicated address, or of both.</summary>
    /// <param name="vm">Its id.</param>
    /// <param name="most">How many there are at most.</param>
    Task<ExternalPast> ReadExternalChangesAsync(
        string? vm,
        IpAddress? address,
        int most,
        CancellationToken cancellationToken
    );

    /// <summary>Who asked for which change, newest first.</summary>
    Task<IReadOnlyList<AuditEntry>> ReadAuditAsync(AuditFilter filter, CancellationToken cancellationToken);

    /// <summary>Null where there is none of that id (any more).</summary>
    Task<ExternalChange?> ReadExternalChangeAsync(string id, CancellationToken cancellationToken);

    /// <summary>Events after an id, oldest first.</summary>
    /// <param name="most">How many there are at most.</param>
    Task<IReadOnlyList<ControllerEvent>> ReadEventsAsync(long after, int most, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    /// <param name="before">Only those with a lesser id.</param>
    /// <param name="most">How many there are at most.</param>
    Task<IReadOnlyList<ControllerEvent>> FindEventsAsync(
        EventFilter filter,
        long? before,
        int most,
        CancellationToken cancellationToken
    );

    /// <summary>Which events are of <paramref name="since"/> or later and among the newest so many; the newest always is.</summary>
    Task<EventBounds> ReadEventBoundsAsync(DateTimeOffset since, int most, CancellationToken cancellationToken);

    /// <summary>As they are stored; read once, at start.</summary>
    Task<IReadOnlyList<WebHookRecord>> ReadWebHooksAsync(CancellationToken cancellationToken);

    /// <summary>As they are stored; read once, at start.</summary>
    Task<IReadOnlyList<OwnerQuota>> ReadQuotasAsync(CancellationToken cancellationToken);
}
