using MasterController.Core.Store;

namespace MasterController.Core.Addressing;

/// <summary>What the store remembers is entered again.</summary>
internal sealed partial class AddressPool
{
    /// <summary>Enters a lease that the store knows; false where the address is outside or the owner has one.</summary>
    public bool Restore(Lease lease)
    {
        var address = lease.Address.Value;
        var hash = OwnerHash.Of(lease.Owner);
        var known = _owners.Find(lease.Owner, hash);
        if (_ranges.IndexOf(address) < 0 || (known != 0 && _table.Peek(known).IsLeased))
            return false;
        Grant(address, lease.Owner, hash, known, lease.Since.UtcTicks, isInTurn: false);
        _order.Restored(address, lease.Since.UtcTicks);
        return true;
    }

    /// <summary>Enters an address that cools down; to be called in the order of release, before any lease.</summary>
    public void RestoreCooling(ReleasedLease released, DateTimeOffset now)
    {
        if (!Restore(released.Lease))
        {
            _expired.Add(released.Lease.Address.Value);
            return;
        }
        // A time that is yet to come is from before the clock was set back.
        var at = released.ReleasedAt < now ? released.ReleasedAt : now;
        Release(released.Lease.Address, released.Lease.Owner, at, out _);
        Settle(released.Lease.Address);
        Expire(now.UtcTicks);
    }
}
