namespace MasterController.Core.Addressing;

internal sealed partial class LeaseTable
{
    /// <summary>
    /// The pages from first to last, both inclusive and lowest first: a page for each /24 with an address that was leased
    /// since the table was made. Where there is none, none is made, and a whole /16 without any costs a look.
    /// </summary>
    public IEnumerable<LeasePage> Pages(uint first, uint last)
    {
        for (ulong start = first; start <= last; )
        {
            if (_pages[start >> 24] is not { } wide)
                start = ((start >> 24) + 1) << 24;
            else if (wide[(byte)(start >> 16)] is not { } narrow)
                start = ((start >> 16) + 1) << 16;
            else
            {
                var next = ((start >> 8) + 1) << 8;
                if (narrow[(byte)(start >> 8)] is { } page)
                    yield return new LeasePage((uint)start, (uint)Math.Min(last, next - 1), page);
                start = next;
            }
        }
    }
}

/// <summary>What is known of the addresses from first to last, both inclusive and in one /24.</summary>
/// <param name="Slots">Of the whole /24, by the last byte.</param>
internal readonly record struct LeasePage(uint First, uint Last, LeaseSlot[] Slots);
