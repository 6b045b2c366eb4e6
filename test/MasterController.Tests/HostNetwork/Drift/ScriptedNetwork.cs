using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Bridges;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Survey;
using MasterController.Core.HostNetwork.Traffic;
using MasterController.Linux.Addresses;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Tests.HostNetwork.Drift;

/// <summary>A host network in which a test says what differs, and sees what is compared and repaired.</summary>
internal sealed class ScriptedNetwork(FakeTimeProvider clock) : IHostNetwork
{
    private readonly Lock _lock = new();
    private readonly List<(DateTimeOffset At, ObservationScope Scope)> _observed = [];
    private readonly List<Difference> _repaired = [];
    private readonly List<Difference> _wrong = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ObservationScope _changes;

    public bool CanAttach => true;

    public string? Uplink => "up0";

    public NetworkFigures Figures { get; set; } = NetworkFigures.Nothing;

    public IReadOnlyDictionary<Ipv4Address, GuestTraffic> Traffic { get; set; } =
        new Dictionary<Ipv4Address, GuestTraffic>();

    /// <summary>What a comparison takes of the clock's time.</summary>
    public TimeSpan Took { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Why comparisons fail.</summary>
    public string? Failure { get; set; }

    /// <summary>Why repairs fail.</summary>
    public string? Refusal { get; set; }

    public IReadOnlyList<(DateTimeOffset At, ObservationScope Scope)> Observed
    {
        get
        {
            lock (_lock)
                return [.. _observed];
        }
    }

    public IReadOnlyList<Difference> Repaired
    {
        get
        {
            lock (_lock)
                return [.. _repaired];
        }
    }

    /// <summary>From now on this differs.</summary>
    public void Break(params IEnumerable<Difference> differences)
    {
        lock (_lock)
            _wrong.AddRange(differences);
    }

    /// <summary>Somebody else sets it right.</summary>
    public void SetRight(Difference difference)
    {
        lock (_lock)
            _wrong.Remove(difference);
    }

    /// <summary>The kernel tells of a change.</summary>
    public void Tell(ObservationScope scope)
    {
        lock (_lock)
        {
            _changes = scope;
            _changed.TrySetResult();
        }
    }

    public Task<NetworkObservation> ObserveAsync(ObservationScope scope, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        clock.Advance(Took);
        lock (_lock)
        {
            _observed.Add((at, scope));
            return Failure is { } failure
                ? Task.FromException<NetworkObservation>(new HostNetworkException(failure))
                : Task.FromResult(
                    new NetworkObservation(scope, Took, 3, 3, [.. _wrong.Where(wrong => wrong.Scope <= scope)])
                );
        }
    }

    public Task ChangedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _changed.Task.WaitAsync(cancellationToken);
    }

    public ObservationScope TakeChanges()
    {
        lock (_lock)
        {
            var changes = _changes;
            _changes = ObservationScope.None;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return changes;
        }
    }

    public Task<IReadOnlyList<HostChange>> PlanRepairAsync(
        IReadOnlyList<Difference> differences,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<HostChange>>([
            .. differences.Select(d => new HostChange("link", HostChangeKind.Change, $"make {d.Name} right", d.Name)),
        ]);

    public Task<IReadOnlyList<RepairOutcome>> RepairAsync(
        IReadOnlyList<Difference> differences,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            _repaired.AddRange(differences);
            if (Refusal is null)
                _wrong.RemoveAll(differences.Contains);
            return Task.FromResult<IReadOnlyList<RepairOutcome>>([
                .. differences.Select(d => new RepairOutcome(d, Refusal is null, Refusal)),
            ]);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Task<IReadOnlyList<string>> TakeOverAsync(DesiredNetwork desired, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<string>> SetNetworksAsync(
        IReadOnlyList<PoolNetwork> networks,
        IReadOnlyList<ForeignRule> replaced,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<HostSurvey> SurveyAsync(
        IReadOnlyList<PoolNetwork> desired,
        long vms,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task BackUpAsync(IReadOnlyList<ForeignRule> rules, string directory, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task RestoreAsync(IReadOnlyList<ForeignRule> rules, string directory, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyDictionary<Ipv4Address, ProbeAnswer>> ProbeAsync(
        IReadOnlyList<Attachment> attachments,
        TimeSpan atMost,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<KernelEntries> LookUpAsync(Ipv4Address address, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<BridgeSurvey> SurveyBridgeAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<string>> AdoptAsync(
        IReadOnlyList<AdoptedTap> taps,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task AttachAsync(Attachment attachment, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task DetachAsync(Attachment attachment, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task UpdateAsync(Attachment attachment, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task ForgetConnectionsAsync(Ipv4Address address, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyDictionary<Ipv4Address, GuestTraffic>> ReadTrafficAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Traffic);

    public Task<GuestTraffic?> ReadTrafficAsync(Attachment attachment, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<SafeFileHandle> OpenTapAsync(Attachment attachment, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<NetworkFigures> ReadFiguresAsync(CancellationToken cancellationToken) => Task.FromResult(Figures);

    public Task<IReadOnlyList<HostLimit>> ReadLimitsAsync(long vms, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<LimitRaise>> RaiseLimitsAsync(long vms, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
