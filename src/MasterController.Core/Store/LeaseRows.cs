using System.Collections;
using System.Runtime.ExceptionServices;
using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Store;

/// <summary>
/// Leases as they are read: whoever enumerates them follows one thread that reads, and waits for it where it must; their
/// count is known at the end. Rows are without an object each, which is made when it is looked at: a million long-lived
/// objects cost the garbage collector more than reading them from the file does.
/// </summary>
internal sealed class LeaseRows : IReadOnlyList<Lease>
{
    /// <summary>Few enough that a block is no large object, which only a full collection would free.</summary>
    private const int BlockSize = 2048;

    // Not a Lock: it is waited on.
    private readonly object _lock = new();
    private readonly List<ReadOnlyMemory<Row>> _blocks = [];
    private bool _isEnded;
    private Exception? _failure;

    // Of the thread that reads alone.
    private Row[] _block = new Row[BlockSize];
    private int _inBlock;

    /// <summary>Waits until all are read.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                while (!_isEnded)
                    Monitor.Wait(_lock);
                ThrowIfFailedLocked();
                return _blocks.Sum(b => b.Length);
            }
        }
    }

    /// <summary>Waits until it is read.</summary>
    public Lease this[int index] =>
        BlockAt(index / BlockSize) is { } block && index % BlockSize < block.Length
            ? block.Span[index % BlockSize].ToLease()
            : throw new ArgumentOutOfRangeException(nameof(index));

    public void Add(string pool, Ipv4Address address, string owner, long sinceTicks)
    {
        _block[_inBlock++] = new Row(pool, owner, sinceTicks, address);
        if (_inBlock < BlockSize)
            return;
        Publish(isLast: false);
        _block = new Row[BlockSize];
        _inBlock = 0;
    }

    /// <summary>No more will come.</summary>
    /// <param name="failure">Why not all are there: thrown to whoever gets to where they end.</param>
    public void End(Exception? failure = null)
    {
        _failure = failure;
        Publish(isLast: true);
        _block = [];
    }

    /// <summary>Each as soon as it is read.</summary>
    public IEnumerator<Lease> GetEnumerator()
    {
        for (var i = 0; BlockAt(i) is { } block; i++)
        for (var j = 0; j < block.Length; j++)
            yield return block.Span[j].ToLease();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Publish(bool isLast)
    {
        lock (_lock)
        {
            _blocks.Add(_block.AsMemory(0, _inBlock));
            _isEnded = isLast;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Null behind the last.</summary>
    private ReadOnlyMemory<Row>? BlockAt(int number)
    {
        lock (_lock)
        {
            while (number >= _blocks.Count && !_isEnded)
                Monitor.Wait(_lock);
            if (number < _blocks.Count)
                return _blocks[number];
            ThrowIfFailedLocked();
            return null;
        }
    }

    private void ThrowIfFailedLocked()
    {
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
    }

    private readonly record struct Row(string Pool, string Owner, long SinceTicks, Ipv4Address Address)
    {
        public Lease ToLease() => new(Pool, Address, Owner, new DateTimeOffset(SinceTicks, TimeSpan.Zero));
    }
}
