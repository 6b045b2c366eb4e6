using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.HostNetwork.Survey;

namespace MasterController.Core.HostNetwork;

public sealed partial class RoutedHostNetwork
{
    public Task<NetworkObservation> ObserveAsync(ObservationScope scope, CancellationToken cancellationToken) =>
        TranslatedAsync(_observer.RunAsync(scope, () => _changes.RulesBy, cancellationToken));

    public Task ChangedAsync(CancellationToken cancellationToken) => _changes.ChangedAsync(cancellationToken);

    public ObservationScope TakeChanges() => _changes.Take();

    public Task<IReadOnlyList<HostChange>> PlanRepairAsync(
        IReadOnlyList<Difference> differences,
        CancellationToken cancellationToken
    ) =>
        TranslatedAsync(
            _observer.ReadAsync<IReadOnlyList<HostChange>>(
                kernel =>
                    [
                        .. differences.Any(IsOurHosts) ? PlanHost(kernel).Changes(kernel) : [],
                        .. differences
                            .Where(IsOurAttachments)
                            .SelectMany(difference =>
                                RepairPlan.Of(
                                    difference,
                                    difference.Address is { } address && _desired.TryGet(address, out var wanted)
                                        ? wanted
                                        : null,
                                    _desired.FallbackSource,
                                    _desired.Uplink
                                )
                            )
                            .Distinct(),
                    ],
                cancellationToken
            )
        );

    /// <summary>
    /// 1. what all attachments share: forwarding, gateways, our table;
    /// 2. attachments, some at a time;
    /// 3. what is left over of the former, whose removal takes routes along that were not mended.
    /// </summary>
    public async Task<IReadOnlyList<RepairOutcome>> RepairAsync(
        IReadOnlyList<Difference> differences,
        CancellationToken cancellationToken
    )
    {
        var outcomes = new List<RepairOutcome>(differences.Count);
        // 1
        await RepairHostAsync(
            differences.Where(difference => IsOurHosts(difference) && !HostDifferences.IsLeftOver(difference))
        );
        if (differences.Any(difference => difference.Dedicated is not null))
            await RefreshUplinkAsync(cancellationToken);
        // 2
        var attachments = differences
            .Where(IsOurAttachments)
            .GroupBy(difference => (difference.Address, difference.Address is null ? difference.Dedicated?.Ipv6 : null))
            .Chunk(AttachmentMending.PerBatch);
        foreach (var chunk in attachments)
        {
            List<Difference> some = [.. chunk.SelectMany(group => group)];
            outcomes.AddRange(
                await GuardedAsync(
                    some,
                    kernel =>
                    {
                        var changes = new ChangeLog();
                        var done = new RepairWork(kernel, _desired).Run(some, changes);
                        // Whoever asked tells of each difference that is no longer there.
                        foreach (var change in changes.ToList())
                            LogRepair(change);
                        return done;
                    },
                    cancellationToken
                )
            );
        }
        // 3
        await RepairHostAsync(
            differences.Where(difference => IsOurHosts(difference) && HostDifferences.IsLeftOver(difference))
        );
        await Task.WhenAll(
            from outcome in outcomes
            where outcome is { Changed: true, Difference: { Object: DriftObject.Tap, OrphanOn: not null } }
            select _connections.ForgetAsync(new(outcome.Difference.Address!.Value))
        );
        return outcomes;

        async Task RepairHostAsync(IEnumerable<Difference> shared)
        {
            if (shared.ToList() is { Count: > 0 } host)
                outcomes.AddRange(await GuardedAsync(host, kernel => RepairHost(kernel, host), cancellationToken));
        }
    }

    public Task<IReadOnlyList<HostLimit>> ReadLimitsAsync(long vms, CancellationToken cancellationToken) =>
        TranslatedAsync(
            _observer.ReadAsync(
                kernel => KernelLimits.Check(KernelFigures.Read(kernel.Netlink), vms),
                cancellationToken
            )
        );

    public Task<IReadOnlyList<LimitRaise>> RaiseLimitsAsync(long vms, CancellationToken cancellationToken) =>
        TranslatedAsync(
            _observer.ReadAsync(
                kernel => new LimitTuning().Raise(KernelLimits.Check(KernelFigures.Read(kernel.Netlink), vms)),
                cancellationToken
            )
        );

    private static bool IsOurHosts(Difference difference) => difference is { IsOurs: true, IsOfAttachment: false };

    private static bool IsOurAttachments(Difference difference) => difference is { IsOurs: true, IsOfAttachment: true };

    // An uplink that came since the host was made right is known to the comparison only.
    private Task RefreshUplinkAsync(CancellationToken cancellationToken) =>
        RunAsync(
            kernel =>
            {
                var uplink = _options.Uplink ?? HostSetup.FindUplink(kernel.Netlink);
                _desired.Uplink = DedicatedHostPlan.Read(kernel, _options.External, uplink, _desired.Uplink).Uplink;
            },
            cancellationToken
        );

    private HostPlan PlanHost(HostNetworkKernel kernel) =>
        ReadPlan(kernel, _desired.Networks, replaced: [], withGuests: true);

    private IReadOnlyList<RepairOutcome> RepairHost(HostNetworkKernel kernel, IReadOnlyList<Difference> differences)
    {
        var plan = PlanHost(kernel);
        var wrong = HostDifferences.Of(plan, rulesBy: null, []).Select(difference => difference.Key).ToHashSet();
        if (wrong.Count > 0)
            CarryOut(kernel, plan, () => PlanHost(kernel), differences.Any(HostDifferences.IsLeftOver));
        return
        [
            .. differences.Select(difference => new RepairOutcome(
                difference,
                wrong.Contains(difference.Key),
                Failure: null
            )),
        ];
    }

    // What the kernel refuses is told of each, and does not keep the others from being repaired.
    private async Task<IReadOnlyList<RepairOutcome>> GuardedAsync(
        IReadOnlyList<Difference> differences,
        Func<HostNetworkKernel, IReadOnlyList<RepairOutcome>> repair,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await RunAsync(repair, cancellationToken);
        }
        catch (HostNetworkException refused)
        {
            return
            [
                .. differences.Select(difference => new RepairOutcome(difference, Changed: false, refused.Message)),
            ];
        }
    }

    private static async Task<T> TranslatedAsync<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (Exception exception) when (IsKernelRefusal(exception))
        {
            throw new HostNetworkException(exception.Message, exception);
        }
    }
}
