using System.Numerics;

namespace MasterController.Core.Addressing;

/// <summary>An address that waits for its turn.</summary>
/// <param name="OwnerHash">The <see cref="Addressing.OwnerHash"/> of who gave it back, or 0 where it does not matter.</param>
/// <param name="Stamp">Tells whether the address has changed hands since: that of its slot is another then.</param>
internal readonly record struct QueuedAddress(uint Address, uint OwnerHash, long Stamp);

/// <summary>First in, first out, in a ring; an entry is 16 bytes. Not safe for concurrent use.</summary>
internal sealed class AddressQueue
{
    private const int MinCapacity = 16;

    private QueuedAddress[] _ring = [];
    private uint _head;

    public int Count { get; private set; }

    /// <summary>There must be one.</summary>
    public QueuedAddress First => _ring[Place(0)];

    public QueuedAddress this[int index] => _ring[Place(index)];

    public void Enqueue(QueuedAddress entry)
    {
        if (Count == _ring.Length)
            Grow();
        _ring[Place(Count++)] = entry;
    }

    /// <summary>Puts back to the front.</summary>
    public void EnqueueFirst(QueuedAddress entry)
    {
        if (Count == _ring.Length)
            Grow();
        _head--;
        Count++;
        _ring[Place(0)] = entry;
    }

    public void Dequeue()
    {
        _head++;
        Count--;
    }

    /// <summary>Whether there is an entry of this stamp; where stamps grow from first to last.</summary>
    public bool ContainsInOrder(long stamp)
    {
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (this[middle].Stamp == stamp)
                return true;
            if (this[middle].Stamp < stamp)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return false;
    }

    /// <summary>Keeps those that are wanted still, in their order.</summary>
    public void Sweep(Func<QueuedAddress, bool> isWanted)
    {
        for (var left = Count; left > 0; left--)
        {
            var entry = First;
            Dequeue();
            if (isWanted(entry))
                Enqueue(entry);
        }
    }

    // A power of two, so that the head may run over.
    private int Place(int index) => (int)((_head + (uint)index) & (uint)(_ring.Length - 1));

    private void Grow()
    {
        var ring = new QueuedAddress[Math.Max(MinCapacity, BitOperations.RoundUpToPowerOf2((uint)Count + 1))];
        for (var i = 0; i < Count; i++)
            ring[i] = this[i];
        _ring = ring;
        _head = 0;
    }
}
