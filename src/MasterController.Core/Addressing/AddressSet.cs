namespace MasterController.Core.Addressing;

/// <summary>
/// A set of IPv4 addresses that finds the lowest one missing in constant time: under each /8 a tree of 64-ary bitmaps
/// of four levels. Nodes come into being when an address below them does, and a block that was added whole has none,
/// so that neither an empty /8 nor a reserved one costs memory. Not safe for concurrent use.
/// </summary>
internal sealed partial class AddressSet
{
    private const ulong All = ulong.MaxValue;
    private const int WordBits = 6;
    private const int LeafBits = 2 * WordBits;
    private const int BlockBits = 24;

    private readonly Node?[] _blocks = new Node?[1 << (32 - BlockBits)];

    // Whoever takes the lowest address works in one place for long: its leaf saves the way down the tree.
    private Node? _recentLeaf;
    private uint _recentLeafNumber;

    public void Add(uint address)
    {
        // A leaf that becomes full is known to those above it.
        if (RecentLeaf(address) is { } leaf && !leaf.Add(address))
            return;
        Block(address).Add(address);
        Remember(address);
    }

    public void Remove(uint address)
    {
        if (RecentLeaf(address) is { IsFull: false } leaf)
            leaf.Remove(address);
        else
            _blocks[address >> BlockBits]?.Remove(address);
    }

    public bool Contains(uint address) => _blocks[address >> BlockBits]?.Contains(address) ?? false;

    /// <summary>Adds every address from first to last, both inclusive and in one /8.</summary>
    public void AddRange(uint first, uint last)
    {
        _recentLeaf = null;
        Block(first).AddRange(first, last);
    }

    /// <summary>Removes every address from first to last, both inclusive and in one /8.</summary>
    public void RemoveRange(uint first, uint last)
    {
        _recentLeaf = null;
        _blocks[first >> BlockBits]?.RemoveRange(first, last);
    }

    /// <summary>The lowest address from first to last that is missing; both inclusive and in one /8.</summary>
    public bool TryFindAbsent(uint first, uint last, out uint absent)
    {
        absent = first;
        if (RecentLeaf(first) is { } leaf && leaf.TryFindAbsent(first, out absent))
            return absent <= last;
        if (_blocks[first >> BlockBits] is not { } block)
            return true;
        if (!block.TryFindAbsent(first, out absent) || absent > last)
            return false;
        // Whoever asks is about to add it.
        Remember(absent);
        return true;
    }

    /// <summary>The highest address from first to last that is missing; both inclusive and in one /8.</summary>
    public bool TryFindLastAbsent(uint first, uint last, out uint absent)
    {
        absent = last;
        return _blocks[last >> BlockBits] is not { } block
            || (block.TryFindLastAbsent(last, out absent) && absent >= first);
    }

    private void Remember(uint address)
    {
        _recentLeaf = _blocks[address >> BlockBits]?.LeafOf(address);
        _recentLeafNumber = address >> LeafBits;
    }

    private Node? RecentLeaf(uint address) => _recentLeafNumber == address >> LeafBits ? _recentLeaf : null;

    private Node Block(uint address) => _blocks[address >> BlockBits] ??= new Node(BlockBits - WordBits, isFull: false);
}
