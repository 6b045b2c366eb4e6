using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>
/// The leases of one pool, in memory alone: in the order of its strategy, idempotent by owner, with a cool-down. Each
/// change comes in two parts, so that it can be made durable in between: <see cref="Lease"/> is taken back by
/// <see cref="Revoke"/>; <see cref="Release"/> is ended by <see cref="Settle"/> or taken back by
/// <see cref="Reinstate"/>. Until then the address goes to nobody else. Not safe for concurrent use.
/// </summary>
internal sealed partial class AddressPool
{
    private readonly AddressSet _taken = new();
    private readonly LeaseTable _table = new();
    private readonly OwnerIndex _owners;
    private readonly Random _random;

    // Who gives back what it was just given, as whoever fails after its lease does, is hashed once.
    private string? _hashed;
    private uint _hash;

    private long _used;
    private long _cooling;

    /// <summary>Addresses that are reserved and yet leased or cooling: leased before they were reserved.</summary>
    private long _reservedInUse;

    private RangeMap _ranges;
    private AllocationOrder _order;

    public AddressPool(PoolDefinition definition, Random? random = null)
    {
        _owners = new OwnerIndex(_table);
        _random = random ?? Random.Shared;
        _cooldownTicks = definition.Cooldown.Ticks;
        _ranges = new RangeMap(definition);
        foreach (var (first, last) in _ranges.ReservedStretches)
            _taken.AddRange(first.Value, last.Value);
        _order = AllocationOrder.Of(definition.Strategy, _taken, _ranges, _table, _random);
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

    /// <summary>In address order.</summary>
    public IEnumerable<Lease> LeasesIn(AddressStretch stretch) =>
        _table.InUse(stretch).Where(address => _table.Peek(address).IsLeased).Select(LeaseAt);

    /// <summary>Null where the address is not leased.</summary>
    public string? HolderOf(Ipv4Address address) =>
        _table.Peek(address.Value) is { IsLeased: true, Owner: var owner } ? owner : null;

    /// <summary>The address that the owner holds, or gave back last and could have again.</summary>
    public Ipv4Address? KnownAddressOf(string owner) =>
        _owners.Find(owner, OwnerHash.Of(owner)) is > 0 and var address ? new Ipv4Address(address) : null;

    /// <summary>Null when the address was given, else the answer.</summary>
    public LeaseOutcome? Lease(string owner, Ipv4Address? wanted, DateTimeOffset now, out LeaseGrant grant)
    {
        var nowTicks = now.UtcTicks;
        Expire(nowTicks);
        grant = default;
        var hash = OwnerHash.Of(owner);
        (_hashed, _hash) = (owner, hash);
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
        else if (!TryFindFree(out address) && !TryFindLongestCooled(out address))
        {
            return new LeaseOutcome.Exhausted(Definition.Name, Counts(now));
        }
        grant = Grant(address, owner, hash, known, nowTicks, isInTurn: true);
        return null;
    }

    /// <summary>Gives the highest free address from first to last, both inclusive; false where none is free.</summary>
    public bool TryLeaseHighest(string owner, AddressStretch stretch, DateTimeOffset now, out LeaseGrant grant)
    {
        Expire(now.UtcTicks);
        grant = default;
        foreach (var (first, last) in AddressStretch.Intersect(_ranges.Bounds, [stretch]).Reverse())
        {
            if (!_taken.TryFindLastAbsent(first.Value, last.Value, out var address))
                continue;
            var hash = OwnerHash.Of(owner);
            grant = Grant(address, owner, hash, _owners.Find(owner, hash), now.UtcTicks, isInTurn: false);
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
        if (grant.FormerOwner is { } former)
        {
            CoolAgain(grant, former, ref slot);
            _order.Revoked(address, ref slot, grant.OrderMemo);
        }
        else if (Vacate(address, ref slot))
        {
            _order.Revoked(address, ref slot, grant.OrderMemo);
        }
        ref readonly var known = ref _table.Peek(grant.KnownBefore);
        if (known.IsCooling && known.Owner == owner)
            _owners.Add(grant.KnownBefore, hash);
    }

    /// <summary>Ends a lease at once and without a cool-down.</summary>
    public void Withdraw(Ipv4Address leased)
    {
        ref var slot = ref _table.Slot(leased.Value);
        _owners.Remove(leased.Value, OwnerHash.Of(slot.Owner!));
        _used--;
        Free(leased.Value, ref slot);
    }

    /// <summary>Null when the lease has ended, else the answer.</summary>
    /// <param name="sinceTicks">When the lease that ended began, in UTC.</param>
    public ReleaseOutcome? Release(Ipv4Address address, string owner, DateTimeOffset now, out long sinceTicks)
    {
        var nowTicks = now.UtcTicks;
        Expire(nowTicks);
        sinceTicks = 0;
        ref var slot = ref _table.Existing(address.Value);
        if (!slot.IsLeased)
            return new ReleaseOutcome.NotLeased(address);
        if (slot.Owner != owner)
            return new ReleaseOutcome.HeldByOther(address, slot.Owner!);
        sinceTicks = slot.Ticks;
        slot.Cool(nowTicks);
        _used--;
        _cooling++;
        return null;
    }

    /// <summary>Takes a release back: the owner holds its lease as before.</summary>
    public void Reinstate(Lease lease)
    {
        ref var slot = ref _table.Slot(lease.Address.Value);
        slot.Lease(lease.Owner, lease.Since.UtcTicks);
        _cooling--;
        _used++;
    }

    private LeaseGrant Grant(uint address, string owner, uint hash, uint known, long nowTicks, bool isInTurn)
    {
        ref var slot = ref _table.Slot(address);
        // One entry an owner, whatever it gave back before: finding it never takes long.
        if (known != 0)
            _owners.Remove(known, hash);
        var memo = _order.Granted(address, ref slot, isInTurn);
        LeaseGrant grant;
        if (slot.Owner is { } former)
        {
            var wasKnown = former != owner && _owners.Remove(address, OwnerHash.Of(former));
            grant = new LeaseGrant(new Ipv4Address(address), known, former, wasKnown, slot.Ticks, memo);
            _cooling--;
        }
        else
        {
            grant = new LeaseGrant(new Ipv4Address(address), known, FormerOwner: null, false, 0, memo);
            Take(address);
        }
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

    private bool TryFindFree(out uint address) => _order.TryFind(out address);

    private void Take(uint address)
    {
        if (_ranges.IsReserved(address))
            _reservedInUse++;
        else
            _taken.Add(address);
    }

    private void Free(uint address, ref LeaseSlot slot)
    {
        if (Vacate(address, ref slot))
            _order.Freed(address, ref slot);
    }

    /// <summary>False where the address is reserved.</summary>
    private bool Vacate(uint address, ref LeaseSlot slot)
    {
        slot = default;
        _expired.Add(address);
        if (_ranges.IsReserved(address))
        {
            _reservedInUse--;
            return false;
        }
        _taken.Remove(address);
        return true;
    }

    private Lease LeaseAt(uint address)
    {
        ref readonly var slot = ref _table.Peek(address);
        return new Lease(Definition.Name, new Ipv4Address(address), slot.Owner!, TimeOf(slot.Ticks));
    }

    private static DateTimeOffset TimeOf(long utcTicks) => new(utcTicks, TimeSpan.Zero);
}
