using MasterController.Core.Addressing;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Tests.Addressing;

/// <summary>A pool so plain that it can be believed: sets that are gone through whole, and one queue.</summary>
internal sealed class PoolModel(PoolDefinition definition)
{
    private readonly Dictionary<Ipv4Address, string> _held = [];
    private readonly Dictionary<Ipv4Address, (string Owner, DateTimeOffset At)> _cooling = [];

    /// <summary>In the order of release, with those that were leased again since.</summary>
    private readonly LinkedList<(Ipv4Address Address, DateTimeOffset At)> _queue = [];

    /// <summary>The address that each owner holds, or gave back last and could have again.</summary>
    private readonly Dictionary<string, Ipv4Address> _known = [];

    /// <summary>What was leased ever, and in which order it became free.</summary>
    private readonly HashSet<Ipv4Address> _seen = [];
    private readonly List<Ipv4Address> _returned = [];
    private Ipv4Address _lastGranted;

    public PoolDefinition Definition { get; private set; } = definition;

    public IReadOnlyDictionary<Ipv4Address, string> Held => _held;

    public IReadOnlyCollection<Ipv4Address> Cooling => _cooling.Keys;

    public IEnumerable<Ipv4Address> Reserved => AllOf(Definition).Where(a => IsReserved(Definition, a));

    public PoolCounts Counts
    {
        get
        {
            var reserved = Reserved.Count(a => !_held.ContainsKey(a) && !_cooling.ContainsKey(a));
            var total = AllOf(Definition).Count();
            return new(total, _held.Count, _cooling.Count, reserved, total - _held.Count - _cooling.Count - reserved);
        }
    }

    /// <summary>Whether this is what the pool may answer; what it grants is then granted here.</summary>
    public bool Leases(string owner, Ipv4Address? wanted, DateTimeOffset now, LeaseOutcome outcome)
    {
        Expire(now);
        if (_known.TryGetValue(owner, out var known) && _held.GetValueOrDefault(known) == owner)
        {
            return wanted is { } other && other != known
                ? outcome is LeaseOutcome.OwnerHoldsOther(_, var mine) && mine.Address == known
                : outcome is LeaseOutcome.AlreadyHeld(var held) && held.Address == known;
        }
        if (wanted is { } exactly)
        {
            if (_held.ContainsKey(exactly))
                return outcome is LeaseOutcome.AddressInUse;
            if (IsReserved(Definition, exactly))
                return outcome is LeaseOutcome.Reserved;
            if (!AllOf(Definition).Contains(exactly))
                return outcome is LeaseOutcome.OutsidePool;
            if (_cooling.TryGetValue(exactly, out var cooling) && cooling.Owner != owner)
                return outcome is LeaseOutcome.Cooling;
            return IsGranted(exactly);
        }
        if (_known.ContainsKey(owner) && !IsReserved(Definition, known))
            return IsGranted(known);
        Ipv4Address[] free =
        [
            .. AllOf(Definition)
                .Where(a => !_held.ContainsKey(a) && !_cooling.ContainsKey(a) && !IsReserved(Definition, a)),
        ];
        if (free.Length > 0 && Definition.Strategy == AllocationStrategy.Random)
            return outcome is LeaseOutcome.Granted(var any) && free.Contains(any.Address) && IsGranted(any.Address);
        if (free.Length > 0)
            return IsGranted(NextOf(free));
        var early = _queue.FirstOrDefault(q => IsCurrent(q) && !IsReserved(Definition, q.Address));
        return Definition.AllowEarlyReuse && early != default
            ? IsGranted(early.Address)
            : outcome is LeaseOutcome.Exhausted;

        bool IsGranted(Ipv4Address address)
        {
            if (_cooling.Remove(address, out var former) && _known.GetValueOrDefault(former.Owner) == address)
                _known.Remove(former.Owner);
            _held[address] = owner;
            _known[owner] = address;
            _seen.Add(address);
            _returned.Remove(address);
            _lastGranted = address;
            return outcome is LeaseOutcome.Granted(var lease) && lease.Address == address;
        }
    }

    public bool Releases(Ipv4Address address, string owner, DateTimeOffset now)
    {
        Expire(now);
        if (_held.GetValueOrDefault(address) != owner)
            return false;
        _held.Remove(address);
        Cool(address, owner, now);
        return true;
    }

    /// <summary>Whether this is what the pool may answer.</summary>
    public bool Redefines(PoolDefinition next, PoolOutcome outcome)
    {
        var stays = AllOf(next).ToHashSet();
        if (_held.Keys.Where(a => !stays.Contains(a)).Order().ToArray() is { Length: > 0 } outside)
        {
            return outcome is PoolOutcome.LeasesOutside(_, var leases)
                && leases.Select(l => l.Address).SequenceEqual(outside);
        }
        if (next.KeptGateways.Any(kept => _held.ContainsKey(kept.Address)))
            return outcome is PoolOutcome.Invalid;
        foreach (var address in AllOf(Definition))
        {
            if (!stays.Contains(address) && _cooling.Remove(address, out var left))
            {
                if (_known.GetValueOrDefault(left.Owner) == address)
                    _known.Remove(left.Owner);
            }
            var isOpened = IsReserved(Definition, address) && !IsReserved(next, address);
            if ((isOpened || !stays.Contains(address)) && !_held.ContainsKey(address) && !_cooling.ContainsKey(address))
            {
                _seen.Remove(address);
                _returned.Remove(address);
            }
        }
        Definition = next;
        return outcome is PoolOutcome.Done;
    }

    /// <summary>All that is not in the store is forgotten.</summary>
    public void Restart(StoreSnapshot stored, DateTimeOffset now)
    {
        foreach (var forgetful in (Action[])[_cooling.Clear, _queue.Clear, _known.Clear, _seen.Clear, _returned.Clear])
            forgetful();
        _lastGranted = default;
        var released = stored.Released.OrderBy(r => r.ReleasedAt).ToArray();
        foreach (var row in released.Where(r => AllOf(Definition).Contains(r.Lease.Address)))
        {
            Cool(row.Lease.Address, row.Lease.Owner, row.ReleasedAt < now ? row.ReleasedAt : now);
            _known[row.Lease.Owner] = row.Lease.Address;
            _seen.Add(row.Lease.Address);
            Expire(now);
        }
        foreach (var (address, owner) in _held)
        {
            _known[owner] = address;
            _seen.Add(address);
        }
        var since = DateTimeOffset.MinValue;
        foreach (var lease in released.Select(r => r.Lease).Concat(stored.Leases))
        {
            if (lease.Since >= since && AllOf(Definition).Contains(lease.Address))
                (since, _lastGranted) = (lease.Since, lease.Address);
        }
    }

    public void Expire(DateTimeOffset now)
    {
        while (_queue.First is { Value: var oldest } first)
        {
            var age = now - oldest.At;
            if (TimeSpan.Zero <= age && age < Definition.Cooldown)
                return;
            _queue.Remove(first);
            if (!IsCurrent(oldest))
                continue;
            var owner = _cooling[oldest.Address].Owner;
            _cooling.Remove(oldest.Address);
            if (age < TimeSpan.Zero)
            {
                Cool(oldest.Address, owner, now);
                continue;
            }
            if (_known.GetValueOrDefault(owner) == oldest.Address)
                _known.Remove(owner);
            if (!IsReserved(Definition, oldest.Address))
                _returned.Add(oldest.Address);
        }
    }

    public static IEnumerable<Ipv4Address> AllOf(PoolDefinition pool)
    {
        foreach (var range in pool.Ranges)
        {
            for (var address = range.First; address <= range.Last; address.TryNext(out address))
                yield return address;
        }
    }

    private static bool IsReserved(PoolDefinition pool, Ipv4Address address) =>
        pool.Ranges.Any(r => r.Gateway == address)
        || pool.KeptGateways.Any(kept => kept.Address == address)
        || (
            AllOf(pool).Contains(address)
            && (
                pool.Ranges.Any(r => r.Reservations.Any(n => n.Contains(address)))
                || pool.Drains.Any(drain => drain.First <= address && address <= drain.Last)
            )
        );

    private Ipv4Address NextOf(Ipv4Address[] free) =>
        Definition.Strategy switch
        {
            AllocationStrategy.Next => free.Where(a => a > _lastGranted).DefaultIfEmpty(free[0]).First(),
            AllocationStrategy.LeastRecentlyUsed => free.Where(a => !_seen.Contains(a))
                .Concat(_returned.Where(free.Contains))
                .First(),
            _ => free[0],
        };

    private void Cool(Ipv4Address address, string owner, DateTimeOffset at)
    {
        _cooling[address] = (owner, at);
        _queue.AddLast((address, at));
    }

    private bool IsCurrent((Ipv4Address Address, DateTimeOffset At) queued) =>
        _cooling.TryGetValue(queued.Address, out var cooling) && cooling.At == queued.At;
}
