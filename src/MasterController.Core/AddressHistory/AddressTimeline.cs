using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;

namespace MasterController.Core.AddressHistory;

/// <summary>Puts together who had an address and what its pools made of it.</summary>
/// <param name="periods">Oldest first, the present one last.</param>
/// <param name="pools">The versions of each pool, oldest first.</param>
internal sealed class AddressTimeline(
    Ipv4Address address,
    IReadOnlyList<LeasePeriod> periods,
    IReadOnlyList<IReadOnlyList<PoolVersion>> pools
)
{
    /// <summary>In time order; a change of the pool comes before a lease of the same time, which it made possible.</summary>
    public IReadOnlyList<AddressEntry> Entries() =>
        [
            .. pools
                .SelectMany(Changes)
                .Concat<AddressEntry>(periods.Select(p => new AddressEntry.Held(p)))
                .OrderBy(e => e.Time),
        ];

    public AddressMoment At(DateTimeOffset time)
    {
        var last = periods.LastOrDefault(p => p.Since <= time);
        if (last is not null && (last.Until is not { } ended || time < ended))
            return Of(AddressState.Leased, time, ReasonOfLease(last.Owner), last, last.Since, last.Until);

        var change = pools.Select(versions => LastChange(versions, time)).FirstOrDefault(IsInPool);
        if (change is null)
            return new AddressMoment(
                time,
                AddressState.OutsidePools,
                AddressStanding.OutsidePools.Reason,
                Pool: null,
                Owner: null,
                Since: null,
                Until: null,
                OperationId: null
            );

        var version = VersionAt(change.Version.Definition.Name, time)!;
        var cools = change.State == AddressState.Free && last is not null && Cools(last, version, time);
        var cooledAt = last?.Until + (cools ? version.Definition.Cooldown : TimeSpan.Zero);
        if (time < cooledAt)
            return Of(AddressState.Cooling, time, ReasonOfCooling(cooledAt.Value), last!, last!.Until, cooledAt);
        return new AddressMoment(
            time,
            change.State,
            // The state may last over versions that word it otherwise.
            AddressStanding.Of(version.Definition, address).Reason,
            version.Definition.Name,
            Owner: null,
            cooledAt > change.Time ? cooledAt : change.Time,
            Until: null,
            cooledAt > change.Time ? null : change.Version.OperationId
        );
    }

    public static string ReasonOfLease(string owner) => $"it is leased to \"{owner}\"";

    public static string ReasonOfCooling(DateTimeOffset until) => $"it is kept from other owners until {until:O}";

    private static bool IsInPool(AddressEntry.Became? change) =>
        change is not null && change.State != AddressState.OutsidePools;

    private static AddressMoment Of(
        AddressState state,
        DateTimeOffset time,
        string reason,
        LeasePeriod period,
        DateTimeOffset? since,
        DateTimeOffset? until
    ) => new(time, state, reason, period.Pool, period.Owner, since, until, period.OperationId);

    /// <summary>What was leased to prove a change does not cool down, nor does what has been out of its pool since.</summary>
    private bool Cools(LeasePeriod ended, PoolVersion now, DateTimeOffset time)
    {
        if (OwnerKey.IsProof(ended.Owner) || VersionAt(ended.Pool, ended.Until!.Value) is not { } then)
            return false;
        return ended.Pool == now.Definition.Name
            && pools
                .SelectMany(v => v)
                .Where(v => v.Definition.Name == ended.Pool && then.Time <= v.Time && v.Time <= time)
                .All(v => v.Definition.Ranges.Any(r => r.First <= address && address <= r.Last));
    }

    private PoolVersion? VersionAt(string pool, DateTimeOffset time) =>
        pools.SelectMany(v => v).LastOrDefault(v => v.Definition.Name == pool && v.Time <= time);

    private AddressEntry.Became? LastChange(IReadOnlyList<PoolVersion> versions, DateTimeOffset time) =>
        Changes(versions).LastOrDefault(c => c.Time <= time);

    /// <summary>The versions of a pool that made something else of the address.</summary>
    private IEnumerable<AddressEntry.Became> Changes(IReadOnlyList<PoolVersion> versions)
    {
        var state = AddressState.OutsidePools;
        foreach (var version in versions)
        {
            var standing = AddressStanding.Of(version.Definition, address);
            if (standing.State != state)
                yield return new AddressEntry.Became(standing.State, standing.Reason, version);
            state = standing.State;
        }
    }
}
