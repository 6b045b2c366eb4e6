using MasterController.Core.Store;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// The leases of one pool, in memory alone: lowest free address first, idempotent by owner, with a cool-down. Each
/// change comes in two parts, so that it can be made durable in between: <see cref="Lease"/> is taken back by
/// <see cref="Revoke"/>; <see cref="Release"/> is ended by <see cref="Settle"/> or taken back by
/// <see cref="Reinstate"/>. Until then the address goes to nobody else. Not safe for concurrent use.
/// </summary>
internal sealed partial class AddressPool
{
    private readonly AddressSet _taken = new();
    private readonly LeaseTable _table = new();
    private readonly OwnerIndex _owners;
    private readonly Queue<(uint Address, long ReleasedTicks)> _cooldowns = new();
    private readonly List<uint> _expired = [];
    private long _used;
    private long _cooling;

    /// <summary>Addresses that are reserved and yet leased or cooling: leased before they were reserved.</summary>
    private long _reservedInUse;

    /// <summary>No range before this one has a free address, and none has one below <see cref="_openFrom"/>.</summary>
    private int _openRange;
    private uint _openFrom;

    private RangeMap _ranges;
    private long _cooldownTicks;

    public AddressPool(PoolDefinition definition)
    {
        _owners = new OwnerIndex(_table);
        _cooldownTicks = definition.Cooldown.Ticks;
        _ranges = new RangeMap(definition);
        foreach (var (first, last) in _ranges.ReservedStretches)
            _taken.AddRange(first, last);
    }

    /// <summary>May be read at any time.</summary>
    public PoolDefinition Definition => Volatile.Read(ref _ranges).Definition;

    public long Used => _used;

    public PoolCounts Counts(DateTimeOffset now)
    {
        Expire(now.UtcTicks);
        var reserved = _ranges.Reserved - _reservedInUse;
        return new PoolCounts(_ranges.Total, _used, _cooling, reserved, _ranges.Total - _used - _cooling - reserved);
    }

    /// <summary>May be called at any time.</summary>
    public AddressRange? RangeOf(Ipv4Address address)
    {
        var ranges = Volatile.Read(ref _ranges);
        return ranges.IndexOf(address.Value) is >= 0 and var index ? ranges.Ranges[index] : null;
    }

    /// <summary>Those from first to last, both inclusive, in address order.</summary>
    public IEnumerable<Lease> LeasesIn(Ipv4Address first, Ipv4Address last) => Leased(first.Value, last.Value);

    /// <summary>Null where the address is not leased.</summary>
    public string? HolderOf(Ipv4Address address) =>
        _table.Peek(address.Value) is { IsLeased: true, Owner: var owner } ? owner : null;

    /// <summary>The address that the owner holds, or gave back last and could have again.</summary>
    public Ipv4Address? KnownAddressOf(string owner) =>
        _owners.Find(owner, OwnerHash.Of(owner)) is > 0 and var address ? new Ipv4Address(address) : null;

    /// <summary>Null when the address was given, else the answer.</summary>
    public LeaseOutcome? Lease(string owner, Ipv4Address? wanted, DateTimeOffset now, out LeaseGrant grant)
    {
        Expire(now.UtcTicks);
        grant = default;
        var hash = OwnerHash.Of(owner);
        var known = _owners.Find(owner, hash);
        if (known != 0 && _table.Peek(known).IsLeased)
        {
            var held = LeaseAt(known);
            return wanted is { } other && other != held.Address
                ? new LeaseOutcome.OwnerHoldsOther(other, held)
                : new LeaseOutcome.AlreadyHeld(held);
        }
        uint address;
        if (wanted is { } exactly)
        {
            if (ReasonAgainst(exactly, owner) is { } refusal)
                return refusal;
            address = exactly.Value;
        }
        else if (known != 0 && !_ranges.IsReserved(known))
        {
            address = known;
        }
        else if (!TryFindFree(out address))
        {
            return new LeaseOutcome.Exhausted(Definition.Name, Counts(now));
        }
        grant = Grant(address, owner, hash, known, now.UtcTicks);
        return null;
    }

    /// <summary>Gives the highest free address from first to last, both inclusive; false where none is free.</summary>
    public bool TryLeaseHighest(string owner, uint first, uint last, DateTimeOffset now, out LeaseGrant grant)
    {
        Expire(now.UtcTicks);
        grant = default;
        for (var index = _ranges.Bounds.Count - 1; index >= 0; index--)
        {
            var (from, to) = (Math.Max(first, _ranges.Bounds[index].First), Math.Min(last, _ranges.Bounds[index].Last));
            if (from > to || !_taken.TryFindLastAbsent(from, to, out var address))
                continue;
            var hash = OwnerHash.Of(owner);
            grant = Grant(address, owner, hash, _owners.Find(owner, hash), now.UtcTicks);
            return true;
        }
        return false;
    }

    /// <summary>Takes a fresh lease back: all is as it was before.</summary>
    public void Revoke(LeaseGrant grant)
    {
        var address = grant.Address.Value;
        ref var slot = ref _table.Slot(address);
        var owner = slot.Owner!;
        var hash = OwnerHash.Of(owner);
        _owners.Remove(address, hash);
        _used--;
        if (grant.ReleasedTicks is { } releasedTicks)
        {
            slot.Cool(releasedTicks);
            _cooling++;
            Settle(grant.Address);
        }
        else
        {
            Free(address, ref slot);
        }
        ref readonly var known = ref _table.Peek(grant.KnownBefore);
        if (known.IsCooling && known.Owner == owner)
            _owners.Add(grant.KnownBefore, hash);
    }

    /// <summary>Ends a lease at once and without a cool-down.</summary>
    public void Withdraw(Ipv4Address leased) => Revoke(new LeaseGrant(leased, ReleasedTicks: null, KnownBefore: 0));

    /// <summary>Null when the lease has ended, else the answer.</summary>
    /// <param name="sinceTicks">When the lease that ended began, in UTC.</param>
    public ReleaseOutcome? Release(Ipv4Address address, string owner, DateTimeOffset now, out long sinceTicks)
    {
        Expire(now.UtcTicks);
        sinceTicks = 0;
        if (!_table.Peek(address.Value).IsLeased)
            return new ReleaseOutcome.NotLeased(address);
        ref var slot = ref _table.Slot(address.Value);
        if (slot.Owner != owner)
            return new ReleaseOutcome.HeldByOther(address, slot.Owner!);
        sinceTicks = slot.Ticks;
        slot.Cool(now.UtcTicks);
        _used--;
        _cooling++;
        return null;
    }

    /// <summary>The release stands: once its cool-down is over, anyone may have the address.</summary>
    public void Settle(Ipv4Address released)
    {
        if (_cooldownTicks == 0)
        {
            EndCooldown(released.Value, ref _table.Slot(released.Value));
            return;
        }
        // Owners that come and go within their cool-down leave entries behind; swept when most are such.
        if (_cooldowns.Count > (2 * _cooling) + 1024)
            SweepCooldowns();
        _cooldowns.Enqueue((released.Value, _table.Peek(released.Value).Ticks));
    }

    /// <summary>Takes a release back: the owner holds its lease as before.</summary>
    public void Reinstate(Lease lease)
    {
        ref var slot = ref _table.Slot(lease.Address.Value);
        slot.Lease(lease.Owner, lease.Since.UtcTicks);
        _cooling--;
        _used++;
    }

    /// <summary>Enters a lease that the store knows; false where the address is outside or the owner has one.</summary>
    public bool Restore(Lease lease)
    {
        var address = lease.Address.Value;
        var hash = OwnerHash.Of(lease.Owner);
        var known = _owners.Find(lease.Owner, hash);
        if (_ranges.IndexOf(address) < 0 || (known != 0 && _table.Peek(known).IsLeased))
            return false;
        Grant(address, lease.Owner, hash, known, lease.Since.UtcTicks);
        return true;
    }

    /// <summary>Enters an address that cools down; to be called in the order of release, before any lease.</summary>
    public void RestoreCooling(ReleasedLease released, DateTimeOffset now)
    {
        if (!Restore(released.Lease))
            return;
        Release(released.Lease.Address, released.Lease.Owner, released.ReleasedAt, out _);
        Settle(released.Lease.Address);
        Expire(now.UtcTicks);
    }

    /// <summary>
    /// Addresses whose cool-down has ended and that are free still, at most so many; each is named once. For the store,
    /// which has nothing to remember of them.
    /// </summary>
    public IReadOnlyList<Ipv4Address> TakeExpired(int atMost)
    {
        if (_expired.Count == 0)
            return [];
        var from = Math.Max(0, _expired.Count - atMost);
        List<Ipv4Address> taken = [];
        foreach (var address in _expired[from..])
        {
            if (_table.Peek(address).Owner is null)
                taken.Add(new Ipv4Address(address));
        }
        _expired.RemoveRange(from, _expired.Count - from);
        return taken;
    }

    /// <summary>Gives back what <see cref="TakeExpired"/> named and the store has not heard of.</summary>
    public void PutBackExpired(IEnumerable<Ipv4Address> addresses) => _expired.AddRange(addresses.Select(a => a.Value));

    private LeaseGrant Grant(uint address, string owner, uint hash, uint known, long nowTicks)
    {
        ref var slot = ref _table.Slot(address);
        var grant = new LeaseGrant(new Ipv4Address(address), slot.IsCooling ? slot.Ticks : null, known);
        // One entry an owner, whatever it gave back before: finding it never takes long.
        if (known != 0)
            _owners.Remove(known, hash);
        if (slot.IsCooling)
            _cooling--;
        else
            Take(address);
        slot.Lease(owner, nowTicks);
        _owners.Add(address, hash);
        _used++;
        return grant;
    }

    private LeaseOutcome? ReasonAgainst(Ipv4Address address, string owner)
    {
        ref readonly var slot = ref _table.Peek(address.Value);
        if (slot.IsLeased)
            return new LeaseOutcome.AddressInUse(address, slot.Owner!);
        if (_ranges.ReasonAgainst(address) is { } reason)
            return new LeaseOutcome.Reserved(address, reason);
        if (_ranges.IndexOf(address.Value) < 0)
            return new LeaseOutcome.OutsidePool(address, _ranges.Ranges);
        if (slot.IsCooling && slot.Owner != owner)
            return new LeaseOutcome.Cooling(address, TimeOf(slot.Ticks + _cooldownTicks));
        return null;
    }

    private bool TryFindFree(out uint address)
    {
        for (; _openRange < _ranges.Bounds.Count; _openRange++)
        {
            var (first, last) = _ranges.Bounds[_openRange];
            var from = Math.Max(_openFrom, first);
            if (from <= last && _taken.TryFindAbsent(from, last, out address))
            {
                _openFrom = address;
                return true;
            }
        }
        address = 0;
        return false;
    }

    /// <summary>Frees what has cooled down long enough.</summary>
    private void Expire(long nowTicks)
    {
        while (_cooldowns.TryPeek(out var oldest))
        {
            ref var slot = ref _table.Slot(oldest.Address);
            if (!slot.IsCooling || slot.Ticks != oldest.ReleasedTicks)
            {
                _cooldowns.Dequeue(); // leased again in the meantime
            }
            else if (oldest.ReleasedTicks > nowTicks)
            {
                // The clock was set back: the cool-down starts anew, or it would last as long as the clock was wrong.
                _cooldowns.Dequeue();
                slot.Cool(nowTicks);
                _cooldowns.Enqueue((oldest.Address, nowTicks));
            }
            else if (nowTicks - oldest.ReleasedTicks < _cooldownTicks)
            {
                return;
            }
            else
            {
                _cooldowns.Dequeue();
                EndCooldown(oldest.Address, ref slot);
            }
        }
    }

    private void EndCooldown(uint address, ref LeaseSlot slot)
    {
        _owners.Remove(address, OwnerHash.Of(slot.Owner!));
        _cooling--;
        Free(address, ref slot);
    }

    private void SweepCooldowns()
    {
        for (var left = _cooldowns.Count; left > 0; left--)
        {
            var (address, releasedTicks) = _cooldowns.Dequeue();
            ref readonly var slot = ref _table.Peek(address);
            if (slot.IsCooling && slot.Ticks == releasedTicks)
                _cooldowns.Enqueue((address, releasedTicks));
        }
    }

    private void Take(uint address)
    {
        if (_ranges.IsReserved(address))
            _reservedInUse++;
        else
            _taken.Add(address);
    }

    private void Free(uint address, ref LeaseSlot slot)
    {
        slot = default;
        _expired.Add(address);
        if (_ranges.IsReserved(address))
        {
            _reservedInUse--;
            return;
        }
        _taken.Remove(address);
        var range = _ranges.IndexOf(address);
        if (range >= _openRange && address >= _openFrom)
            return;
        _openRange = range;
        _openFrom = address;
    }

    private IEnumerable<Lease> Leased(uint first, uint last) =>
        _table.InUse(first, last).Where(address => _table.Peek(address).IsLeased).Select(LeaseAt);

    private Lease LeaseAt(uint address)
    {
        ref readonly var slot = ref _table.Peek(address);
        return new Lease(Definition.Name, new Ipv4Address(address), slot.Owner!, TimeOf(slot.Ticks));
    }

    private static DateTimeOffset TimeOf(long utcTicks) => new(utcTicks, TimeSpan.Zero);
}

/// <summary>An address that was given, with what else that changed.</summary>
/// <param name="ReleasedTicks">Where the address was cooling down: since when.</param>
/// <param name="KnownBefore">The address that was entered for the owner before, or 0.</param>
internal readonly record struct LeaseGrant(Ipv4Address Address, long? ReleasedTicks, uint KnownBefore);
