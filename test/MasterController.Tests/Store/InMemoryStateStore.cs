using System.Collections.Concurrent;
using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Tests.Store;

/// <summary>
/// A store in memory, durable for as long as the test holds it. It can refuse commits, hold them back, and "crash":
/// after that nothing is stored and nobody is answered any more, as after SIGKILL.
/// </summary>
public sealed partial class InMemoryStateStore : IStateStore, IStateHistory
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PoolDefinition> _pools = [];
    private readonly Dictionary<(string Pool, Ipv4Address Address), Lease> _leases = [];
    private readonly Dictionary<(string Pool, Ipv4Address Address), ReleasedLease> _released = [];
    private readonly Dictionary<(string Pool, Ipv4Address Address), (Lease Lease, string? Id)> _operationOf = [];
    private readonly Dictionary<string, VmRecord> _vms = [];
    private readonly Dictionary<string, Operation> _operations = [];
    private readonly Dictionary<string, IdempotencyKey> _keys = [];
    private readonly Dictionary<string, string> _settings = [];
    private readonly Dictionary<string, PoolChange> _poolChanges = [];
    private readonly List<PoolVersion> _poolVersions = [];
    private readonly Dictionary<Lease, LeasePeriod> _endedLeases = [];
    private readonly Dictionary<
        (string Pool, SampleInterval Interval, DateTimeOffset Time),
        UtilisationSample
    > _samples = [];
    private readonly List<DriftEntry> _drift = [];
    private readonly Dictionary<IpAddress, ExternalLease> _external = [];
    private readonly List<ExternalChange> _externalChanges = [];
    private readonly Dictionary<string, ApiKey> _apiKeys = [];
    private readonly SortedDictionary<long, AuditEntry> _audit = [];
    private readonly ConcurrentQueue<StoreChange[]> _commits = new();
    private Task _gate = Task.CompletedTask;
    private int? _commitsUntilCrash;

    /// <summary>Every commit that was stored, oldest first.</summary>
    public IReadOnlyList<StoreChange[]> Commits => [.. _commits];

    /// <summary>Commits that it holds for are refused.</summary>
    public Func<StoreChange[], bool> Refuses { get; set; } = _ => false;

    /// <summary>Called after each commit with what was stored.</summary>
    public Action<StoreChange[]>? Stored { get; set; }

    /// <summary>From now on commits wait, in order, until the returned source is completed.</summary>
    public TaskCompletionSource HoldBack()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _gate = gate.Task;
        return gate;
    }

    /// <summary>Stores so many commits more; the one after that, and all later ones, are never heard of again.</summary>
    public void CrashAfter(int commits)
    {
        lock (_lock)
            _commitsUntilCrash = commits;
    }

    /// <summary>A commit went unanswered.</summary>
    public bool IsCrashed { get; private set; }

    /// <summary>Works again, with what was stored before the crash.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            _commitsUntilCrash = null;
            IsCrashed = false;
        }
    }

    public Task CommitAsync(params ReadOnlySpan<StoreChange> changes)
    {
        var copy = changes.ToArray();
        lock (_lock)
        {
            return _gate.IsCompleted ? StoreLocked(copy) : StoreAfterAsync(_gate, copy);
        }
    }

    public Task<StoreSnapshot> LoadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(
                new StoreSnapshot(
                    [.. _pools.Values],
                    [.. _leases.Values],
                    [.. _released.Values],
                    [.. _vms.Values],
                    [.. _operations.Values],
                    [.. _keys.Values],
                    new Dictionary<string, string>(_settings),
                    [.. _poolChanges.Values]
                )
                {
                    ExternalLeases = [.. _external.Values],
                    ApiKeys = [.. _apiKeys.Values],
                    LastAuditId = _audit.Keys.LastOrDefault(),
                }
            );
        }
    }

    public Task<IReadOnlyList<PoolVersion>> ReadPoolVersionsAsync(string pool, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<PoolVersion>>([
                .. _poolVersions.Where(v => v.Definition.Name == pool).OrderBy(v => v.Definition.Version),
            ]);
    }

    public Task<IReadOnlyList<LeasePeriod>> ReadLeasePeriodsAsync(
        Ipv4Address address,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<LeasePeriod>>([
                .. _endedLeases
                    .Values.Concat(_leases.Values.Select(l => PeriodOf(l, until: null)))
                    .Where(p => p.Address == address)
                    .OrderBy(p => p.Until ?? DateTimeOffset.MaxValue)
                    .ThenBy(p => p.Since),
            ]);
    }

    public Task<IReadOnlyList<UtilisationSample>> ReadUtilisationAsync(
        string pool,
        SampleInterval interval,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<UtilisationSample>>([
                .. _samples
                    .Where(s => s.Key.Pool == pool && s.Key.Interval == interval)
                    .Select(s => s.Value)
                    .Where(s => from <= s.Time && s.Time <= to)
                    .OrderBy(s => s.Time),
            ]);
        }
    }

    public Task<IReadOnlyList<DriftEntry>> ReadDriftAsync(int most, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<DriftEntry>>([
                .. _drift
                    .OrderByDescending(e => e.Ended)
                    .ThenBy(e => e.Difference.Object)
                    .ThenBy(e => e.Difference.Name, StringComparer.Ordinal)
                    .Take(most),
            ]);
    }

    public Task<ExternalPast> ReadExternalChangesAsync(
        string? vm,
        IpAddress? address,
        int most,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            ExternalChange[] found =
            [
                .. _externalChanges
                    .Where(c => vm is null || c.Subjects.Contains(vm))
                    .Where(c => address is null || c.Subjects.Contains($"{address}"))
                    .OrderByDescending(c => c.Time)
                    .ThenByDescending(c => c.Id, StringComparer.Ordinal),
            ];
            return Task.FromResult(new ExternalPast([.. found.Take(most)], found.Length));
        }
    }

    public Task<IReadOnlyList<AuditEntry>> ReadAuditAsync(AuditFilter filter, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<AuditEntry>>([
                .. _audit.Values.Reverse().Where(filter.Matches).Take(filter.Most),
            ]);
    }

    public Task<ExternalChange?> ReadExternalChangeAsync(string id, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(_externalChanges.Find(c => c.Id == id));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task StoreAfterAsync(Task gate, StoreChange[] changes)
    {
        await gate;
        Task stored;
        lock (_lock)
            stored = StoreLocked(changes);
        await stored;
    }

    private Task StoreLocked(StoreChange[] changes)
    {
        if (_commitsUntilCrash == 0)
        {
            IsCrashed = true;
            return new TaskCompletionSource().Task;
        }
        if (Refuses(changes))
            return Task.FromException(new StoreException("refused by the test"));
        _commitsUntilCrash--;
        foreach (var change in changes)
            Apply(change);
        _commits.Enqueue(changes);
        Stored?.Invoke(changes);
        return Task.CompletedTask;
    }

    private void Apply(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.PoolSaved(var pool):
                _pools[pool.Name] = pool;
                break;
            case StoreChange.PoolDeleted(var name):
                _pools.Remove(name);
                _poolVersions.RemoveAll(v => v.Definition.Name == name);
                foreach (var key in _leases.Keys.Concat(_released.Keys).Where(k => k.Pool == name).ToArray())
                {
                    _leases.Remove(key);
                    _released.Remove(key);
                    _operationOf.Remove(key);
                }
                foreach (var key in _samples.Keys.Where(k => k.Pool == name).ToArray())
                    _samples.Remove(key);
                break;
            case StoreChange.PoolVersionSaved(var version):
                var (named, number) = (version.Definition.Name, version.Definition.Version);
                if (!_pools.ContainsKey(named))
                    throw new InvalidOperationException($"a version of pool {named}, which is not there");
                if (!_poolVersions.Exists(v => v.Definition.Name == named && v.Definition.Version == number))
                    _poolVersions.Add(version);
                break;
            case StoreChange.PoolChangeSaved(var poolChange):
                _poolChanges[poolChange.OperationId] = poolChange;
                break;
            case StoreChange.PoolChangeDeleted(var operationId):
                _poolChanges.Remove(operationId);
                break;
            case StoreChange.LeaseSaved(var lease, var operationId):
                var place = (lease.Pool, lease.Address);
                if (_leases.TryGetValue(place, out var there) && there.Owner != lease.Owner)
                    throw new InvalidOperationException($"{lease.Address} would have two owners");
                _leases[place] = lease;
                _operationOf[place] = (lease, operationId);
                _released.Remove(place);
                break;
            case StoreChange.LeaseReleased(var lease, var at):
                _endedLeases[lease] = _endedLeases.TryGetValue(lease, out var ended)
                    ? ended with
                    {
                        Until = at,
                    }
                    : PeriodOf(lease, at);
                _leases.Remove((lease.Pool, lease.Address));
                _released[(lease.Pool, lease.Address)] = new ReleasedLease(lease, at);
                break;
            case StoreChange.LeasesForgotten(var pool, var addresses):
                foreach (var address in addresses)
                {
                    if (_released.Remove((pool, address)))
                        _operationOf.Remove((pool, address));
                }
                break;
            case StoreChange.VmSaved(var vm):
                _vms[vm.Id] = vm;
                break;
            case StoreChange.VmDeleted(var id):
                _vms.Remove(id);
                break;
            case StoreChange.OperationSaved(var operation):
                _operations[operation.Id] = operation;
                break;
            case StoreChange.OperationDeleted(var id):
                _operations.Remove(id);
                break;
            case StoreChange.IdempotencyKeySaved(var key):
                _keys[key.Key] = key;
                break;
            case StoreChange.IdempotencyKeyDeleted(var key):
                _keys.Remove(key);
                break;
            case StoreChange.LeaseHistoryForgotten(var before):
                foreach (var (lease, _) in _endedLeases.Where(p => p.Value.Until < before).ToArray())
                    _endedLeases.Remove(lease);
                break;
            case StoreChange.UtilisationSaved(var sample, var interval):
                if (_pools.ContainsKey(sample.Pool))
                    _samples[(sample.Pool, interval, sample.Time)] = sample;
                break;
            case StoreChange.UtilisationForgotten(var interval, var before):
                foreach (var key in _samples.Keys.Where(k => k.Interval == interval && k.Time < before).ToArray())
                    _samples.Remove(key);
                break;
            case StoreChange.DriftEnded(var entry):
                _drift.RemoveAll(e => e.Ended == entry.Ended && e.Difference == entry.Difference);
                _drift.Add(entry);
                break;
            case StoreChange.DriftForgotten(var before):
                _drift.RemoveAll(e => e.Ended < before);
                break;
            case StoreChange.ExternalLeaseSaved(var lease, var from):
                RefuseOther(lease, from);
                _external[lease.Address] = lease;
                break;
            case StoreChange.ExternalLeaseReleased(var lease):
                RefuseOther(lease, from: null);
                _external[lease.Address] = lease;
                break;
            case StoreChange.ExternalLeasesForgotten(var addresses):
                foreach (var address in addresses.Where(a => _external.GetValueOrDefault(a)?.ReleasedAt is not null))
                    _external.Remove(address);
                break;
            case StoreChange.ExternalChangeSaved(var saved):
                _externalChanges.Add(saved);
                break;
            case StoreChange.ExternalChangesForgotten(var before):
                _externalChanges.RemoveAll(c => c.Time < before);
                break;
            case StoreChange.ApiKeySaved(var key):
                _apiKeys[key.Id] = key;
                break;
            case StoreChange.ApiKeyDeleted(var id):
                _apiKeys.Remove(id);
                break;
            case StoreChange.AuditSaved(var entry):
                _audit[entry.Id] = entry;
                break;
            case StoreChange.AuditForgotten(var before):
                foreach (var (id, _) in _audit.Where(e => e.Value.Time < before).ToArray())
                    _audit.Remove(id);
                break;
            case StoreChange.SettingSaved(var name, var value):
                _settings[name] = value;
                break;
            default:
                ApplyEvents(change);
                break;
        }
    }

    private void RefuseOther(ExternalLease lease, string? from)
    {
        if (
            _external.GetValueOrDefault(lease.Address) is { ReleasedAt: null } there
            && there.Vm != lease.Vm
            && there.Vm != from
        )
            throw new InvalidOperationException($"{lease.Address} would have two owners");
    }

    private LeasePeriod PeriodOf(Lease lease, DateTimeOffset? until)
    {
        var known = _operationOf.GetValueOrDefault((lease.Pool, lease.Address));
        var operationId = known.Lease == lease ? known.Id : null;
        return new LeasePeriod(lease.Pool, lease.Address, lease.Owner, lease.Since, until, operationId);
    }
}
