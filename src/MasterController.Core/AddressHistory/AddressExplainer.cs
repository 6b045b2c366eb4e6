using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.AddressHistory;

/// <summary>Says what an address is and why, and what it was.</summary>
/// <param name="findVm">By id or name.</param>
public sealed class AddressExplainer(
    PoolDirectory pools,
    IStateHistory history,
    IHostNetwork network,
    Func<string, VmRecord?> findVm,
    Func<HistorySettings> settings,
    TimeProvider clock
)
{
    /// <exception cref="StoreUnusableException">What is remembered cannot be read.</exception>
    public async Task<AddressExplanation> ExplainAsync(Ipv4Address address, CancellationToken cancellationToken)
    {
        var (kernel, kernelError) = await LookUpAsync(address, cancellationToken);
        var pool = pools.Pools.FirstOrDefault(p => AddressStanding.Of(p, address).State != AddressState.OutsidePools);
        var standing = pool is null ? AddressStanding.OutsidePools : AddressStanding.Of(pool, address);
        var use = pool is null ? null : await pools.UseOfAsync(pool.Name, address, cancellationToken);
        var state = use switch
        {
            { CoolsUntil: null } => AddressState.Leased,
            { } when standing.State == AddressState.Free => AddressState.Cooling,
            _ => standing.State,
        };
        if (state is not (AddressState.Leased or AddressState.Cooling))
            use = null;
        // What is remembered may be of a moment later, when somebody else had it.
        var past = (await TimelineAsync(address, cancellationToken)).At(clock.GetUtcNow());
        var isKnown = past.State == state && past.Owner == use?.Owner;
        return new AddressExplanation(
            address,
            state,
            ReasonAgainst(state, standing, use),
            pool?.Name,
            pool?.Ranges.FirstOrDefault(r => r.Network.Contains(address)),
            use?.Owner,
            use is null ? null : NameOf(use.Owner),
            use?.Since ?? (isKnown ? past.Since : null),
            use?.CoolsUntil,
            isKnown ? past.OperationId : null,
            kernel,
            kernelError
        );
    }

    /// <param name="at">Null for no moment in particular, and for everything up to now.</param>
    /// <param name="limit">The newest so many entries.</param>
    /// <exception cref="StoreUnusableException">What is remembered cannot be read.</exception>
    public async Task<AddressPast> PastAsync(
        Ipv4Address address,
        DateTimeOffset? at,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var timeline = await TimelineAsync(address, cancellationToken);
        var entries = timeline.Entries();
        if (at is { } end)
            entries = [.. entries.Where(e => e.Time <= end)];
        return new AddressPast(
            clock.GetUtcNow() - settings().Keep,
            at is { } time ? timeline.At(time) : null,
            [.. entries.TakeLast(limit)],
            entries.Count
        );
    }

    /// <summary>Of the VM that an owner key stands for; null where it stands for none that is there.</summary>
    public string? NameOf(string owner) => findVm(owner) is { } vm && vm.Id == owner ? vm.Name : null;

    private static string? ReasonAgainst(AddressState state, AddressStanding standing, AddressUse? use) =>
        state switch
        {
            AddressState.Leased when standing.Reason is { } besides =>
                $"{AddressTimeline.ReasonOfLease(use!.Owner)}, and {besides}",
            AddressState.Leased => AddressTimeline.ReasonOfLease(use!.Owner),
            AddressState.Cooling => AddressTimeline.ReasonOfCooling(use!.CoolsUntil!.Value),
            _ => standing.Reason,
        };

    private async Task<AddressTimeline> TimelineAsync(Ipv4Address address, CancellationToken cancellationToken)
    {
        var periods = await history.ReadLeasePeriodsAsync(address, cancellationToken);
        List<IReadOnlyList<PoolVersion>> versions = [];
        foreach (var pool in pools.Pools)
            versions.Add(await history.ReadPoolVersionsAsync(pool.Name, cancellationToken));
        return new AddressTimeline(address, periods, versions);
    }

    /// <summary>Whatever is wrong with the host's network, the pools have their answer.</summary>
    private async Task<(KernelEntries Entries, string? Error)> LookUpAsync(
        Ipv4Address address,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (await network.LookUpAsync(address, cancellationToken), null);
        }
        catch (HostNetworkException failure)
        {
            return (KernelEntries.None, failure.Message);
        }
    }
}
