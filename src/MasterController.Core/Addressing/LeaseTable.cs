using System.Runtime.CompilerServices;

namespace MasterController.Core.Addressing;

/// <summary>What is known of one address; 16 bytes, for there may be sixteen million. Free without an owner.</summary>
internal struct LeaseSlot
{
    // Ticks of 100 ns in UTC stay under 2^62; the sign tells a cooling address (negative) from a leased one.
    private long _stamp;

    public string? Owner { get; private set; }

    public readonly bool IsLeased => Owner is not null && _stamp >= 0;

    public readonly bool IsCooling => Owner is not null && _stamp < 0;

    /// <summary>When it was leased or, for a cooling one, released.</summary>
    public readonly long Ticks => _stamp < 0 ? ~_stamp : _stamp;

    /// <summary>The number that it became free under, for orders that need one; else 0.</summary>
    public readonly long ReturnNumber => Owner is null ? _stamp : 0;

    public void Lease(string owner, long sinceTicks)
    {
        Owner = owner;
        _stamp = sinceTicks;
    }

    public void Cool(long releasedTicks) => _stamp = ~releasedTicks;

    public void Cool(string owner, long releasedTicks)
    {
        Owner = owner;
        Cool(releasedTicks);
    }

    public void Return(long number)
    {
        Owner = null;
        _stamp = number;
    }
}

/// <summary>Slots by address, in pages of 256 that come into being when one of their addresses is first leased.</summary>
internal sealed partial class LeaseTable
{
    private static readonly LeaseSlot _free;

    private readonly LeaseSlot[]?[]?[]?[] _pages = new LeaseSlot[]?[]?[256][];

    /// <summary>Stands for all slots that have no page; never written.</summary>
    private LeaseSlot _absent;

    // The page used last: who gives and takes the lowest addresses stays on it for long.
    private LeaseSlot[] _recentPage = [];
    private uint _recentNumber = uint.MaxValue;

    /// <summary>The slot to change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref LeaseSlot Slot(uint address)
    {
        if (_recentNumber != address >> 8)
        {
            var wide = _pages[address >> 24] ??= new LeaseSlot[256][][];
            var narrow = wide[(byte)(address >> 16)] ??= new LeaseSlot[256][];
            _recentPage = narrow[(byte)(address >> 8)] ??= new LeaseSlot[256];
            _recentNumber = address >> 8;
        }
        return ref _recentPage[(byte)address];
    }

    /// <summary>The slot to change if it is leased or cooling; makes no page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref LeaseSlot Existing(uint address)
    {
        if (_recentNumber == address >> 8)
            return ref _recentPage[(byte)address];
        if (_pages[address >> 24]?[(byte)(address >> 16)]?[(byte)(address >> 8)] is not { } page)
            return ref _absent;
        (_recentPage, _recentNumber) = (page, address >> 8);
        return ref page[(byte)address];
    }

    /// <summary>The slot to read; makes no page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly LeaseSlot Peek(uint address)
    {
        if (_recentNumber == address >> 8)
            return ref _recentPage[(byte)address];
        if (_pages[address >> 24]?[(byte)(address >> 16)]?[(byte)(address >> 8)] is { } page)
            return ref page[(byte)address];
        return ref _free;
    }

    /// <summary>Every address of a stretch that is leased or cooling, lowest first.</summary>
    public IEnumerable<uint> InUse(AddressStretch stretch)
    {
        var last = stretch.Last.Value;
        for (ulong address = stretch.First.Value; address <= last; )
        {
            if (_pages[address >> 24] is not { } wide)
                address = StartAfter(address, bits: 24);
            else if (wide[(byte)(address >> 16)] is not { } narrow)
                address = StartAfter(address, bits: 16);
            else if (narrow[(byte)(address >> 8)] is not { } page)
                address = StartAfter(address, bits: 8);
            else
            {
                for (var end = Math.Min(last + 1UL, StartAfter(address, bits: 8)); address < end; address++)
                {
                    if (page[(byte)address].Owner is not null)
                        yield return (uint)address;
                }
            }
        }
    }

    private static ulong StartAfter(ulong address, int bits) => ((address >> bits) + 1) << bits;
}
