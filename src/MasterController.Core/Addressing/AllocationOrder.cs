using System.Diagnostics;

namespace MasterController.Core.Addressing;

/// <summary>Which free address is next; one for each <see cref="AllocationStrategy"/>. Not safe for concurrent use.</summary>
/// <param name="taken">What is reserved, leased or cooling.</param>
internal abstract class AllocationOrder(AddressSet taken, RangeMap ranges)
{
    protected AddressSet Taken => taken;

    protected RangeMap Ranges { get; private set; } = ranges;

    public static AllocationOrder Of(
        AllocationStrategy strategy,
        AddressSet taken,
        RangeMap ranges,
        LeaseTable table,
        Random random
    ) =>
        strategy switch
        {
            AllocationStrategy.LowestFree => new LowestFreeOrder(taken, ranges),
            AllocationStrategy.Next => new NextOrder(taken, ranges),
            AllocationStrategy.Random => new RandomOrder(taken, ranges, random),
            AllocationStrategy.LeastRecentlyUsed => new LeastRecentlyUsedOrder(taken, ranges, table),
            _ => throw new UnreachableException(),
        };

    /// <summary>The address that is next, which stays free until it is granted; false where none is free.</summary>
    public abstract bool TryFind(out uint address);

    /// <summary>An address is about to be leased, by its turn or because it was wanted.</summary>
    /// <param name="before">Its slot, as it still is: free, or cooling.</param>
    /// <param name="isInTurn">Whether the order goes on from here; not for who only tries an address out.</param>
    /// <returns>What <see cref="Revoked"/> needs.</returns>
    public virtual long Granted(uint address, ref LeaseSlot before, bool isInTurn) => 0;

    /// <summary>A grant was taken back, so that the address is as it was before.</summary>
    public virtual void Revoked(uint address, ref LeaseSlot slot, long granted)
    {
        if (slot.Owner is null)
            Freed(address, ref slot);
    }

    /// <summary>An address that was leased or cooling is free.</summary>
    public virtual void Freed(uint address, ref LeaseSlot slot) { }

    /// <summary>A lease that the store knows has been entered.</summary>
    public virtual void Restored(uint address, long sinceTicks) { }

    /// <summary>The pool is another one; what is taken has been seen to.</summary>
    /// <param name="opened">What is not reserved, or not of the pool, any longer.</param>
    /// <param name="closed">What is reserved now.</param>
    public virtual void Redefined(
        RangeMap next,
        IReadOnlyList<AddressStretch> opened,
        IReadOnlyList<AddressStretch> closed
    ) => Ranges = next;

    /// <summary>The first address from <paramref name="from"/> on that is not taken, beginning anew behind the last.</summary>
    protected bool TryFindFrom(uint from, out uint address)
    {
        foreach (var (first, last) in Ranges.Bounds)
        {
            if (from <= last.Value && taken.TryFindAbsent(Math.Max(from, first.Value), last.Value, out address))
                return true;
        }
        foreach (var (first, last) in Ranges.Bounds)
        {
            if (first.Value < from && taken.TryFindAbsent(first.Value, Math.Min(from - 1, last.Value), out address))
                return true;
        }
        address = 0;
        return false;
    }
}
