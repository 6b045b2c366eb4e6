namespace MasterController.Core.Addressing;

/// <summary>Any: the first free one from a place that is drawn evenly from the whole pool.</summary>
internal sealed class RandomOrder(AddressSet taken, RangeMap ranges, Random random) : AllocationOrder(taken, ranges)
{
    public override bool TryFind(out uint address)
    {
        var place = random.NextInt64(Ranges.Total);
        foreach (var stretch in Ranges.Bounds)
        {
            if (place < stretch.Count)
                return TryFindFrom((uint)(stretch.First.Value + place), out address);
            place -= stretch.Count;
        }
        address = 0;
        return false;
    }
}
