using System.Runtime.CompilerServices;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Addresses that were given back and that nobody else may have yet.</summary>
internal sealed partial class AddressPool
{
    /// <summary>In the order of release, with those that have been leased again since.</summary>
    private readonly AddressQueue _cooldowns = new();

    /// <summary>Free addresses that the store has rows of still.</summary>
    private readonly List<uint> _expired = [];
    private long _cooldownTicks;

    /// <summary>The release stands: once its cool-down is over, anyone may have the address.</summary>
    public void Settle(Ipv4Address released)
    {
        ref var slot = ref _table.Slot(released.Value);
        var hash = ReferenceEquals(slot.Owner, _hashed) ? _hash : OwnerHash.Of(slot.Owner!);
        if (_cooldownTicks == 0)
        {
            EndCooldown(released.Value, hash, ref slot);
            return;
        }
        // Owners that come and go within their cool-down leave entries behind; swept when most are such.
        if (_cooldowns.Count > (2 * _cooling) + 1024)
            _cooldowns.Sweep(IsCooling);
        _cooldowns.Enqueue(new QueuedAddress(released.Value, hash, slot.Ticks));
    }

    /// <summary>How long before the end of its cool-down an address was given to another owner; zero where it was not.</summary>
    public TimeSpan EarlyBy(LeaseGrant grant, Lease lease) =>
        grant.FormerOwner is null || grant.FormerOwner == lease.Owner
            ? TimeSpan.Zero
            : TimeSpan.FromTicks(grant.ReleasedTicks + _cooldownTicks - lease.Since.UtcTicks);

    /// <summary>
    /// Addresses whose cool-down has ended and that are free still, at most so many; each is named once. For the store,
    /// which has nothing to remember of them.
    /// </summary>
    public IReadOnlyList<Ipv4Address> TakeExpired(int atMost)
    {
        if (_expired.Count == 0)
            return [];
        var from = Math.Max(0, _expired.Count - atMost);
        List<Ipv4Address> taken = new(_expired.Count - from);
        for (var i = from; i < _expired.Count; i++)
        {
            if (_table.Peek(_expired[i]).Owner is null)
                taken.Add(new Ipv4Address(_expired[i]));
        }
        _expired.RemoveRange(from, _expired.Count - from);
        return taken;
    }

    /// <summary>Gives back what <see cref="TakeExpired"/> named and the store has not heard of.</summary>
    public void PutBackExpired(IEnumerable<Ipv4Address> addresses) => _expired.AddRange(addresses.Select(a => a.Value));

    /// <summary>What cools down longest, where the pool may give that early; not what is reserved meanwhile.</summary>
    private bool TryFindLongestCooled(out uint address)
    {
        address = 0;
        for (var i = 0; Definition.AllowEarlyReuse && i < _cooldowns.Count; i++)
        {
            var (candidate, _, _) = _cooldowns[i];
            if (!IsCooling(_cooldowns[i]) || _ranges.IsReserved(candidate))
                continue;
            address = candidate;
            return true;
        }
        return false;
    }

    /// <summary>Frees what has cooled down long enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Expire(long nowTicks)
    {
        // As unsigned, so that a time of release that is yet to come is too long ago as well.
        if (_cooldowns.Count > 0 && (ulong)(nowTicks - _cooldowns.First.Stamp) >= (ulong)_cooldownTicks)
            ExpireOldest(nowTicks);
    }

    private void ExpireOldest(long nowTicks)
    {
        while (_cooldowns.Count > 0)
        {
            var oldest = _cooldowns.First;
            var age = nowTicks - oldest.Stamp;
            if (0 <= age && age < _cooldownTicks)
                return;
            _cooldowns.Dequeue();
            ref var slot = ref _table.Slot(oldest.Address);
            if (!slot.IsCooling || slot.Ticks != oldest.Stamp)
                continue; // leased again in the meantime
            if (age >= 0)
            {
                EndCooldown(oldest.Address, oldest.OwnerHash, ref slot);
                continue;
            }
            // The clock was set back: the cool-down starts anew, or it would last as long as the clock was wrong.
            slot.Cool(nowTicks);
            _cooldowns.Enqueue(oldest with { Stamp = nowTicks });
        }
    }

    private bool IsCooling(QueuedAddress entry) =>
        _table.Peek(entry.Address) is { IsCooling: true, Ticks: var ticks } && ticks == entry.Stamp;

    private void EndCooldown(uint address, uint hash, ref LeaseSlot slot)
    {
        _owners.Remove(address, hash);
        _cooling--;
        Free(address, ref slot);
    }

    /// <summary>Lets an address cool down as it did before it was leased.</summary>
    private void CoolAgain(LeaseGrant grant, string former, ref LeaseSlot slot)
    {
        var hash = OwnerHash.Of(former);
        slot.Cool(former, grant.ReleasedTicks);
        _cooling++;
        // In case the entry that there was has been passed over; twice does no harm.
        _cooldowns.Enqueue(new QueuedAddress(grant.Address.Value, hash, grant.ReleasedTicks));
        if (grant.WasKnown && _owners.Find(former, hash) == 0)
            _owners.Add(grant.Address.Value, hash);
    }
}
