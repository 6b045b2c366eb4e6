using System.Collections;
using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Store;

/// <summary>
/// Leases as they were read: rows without an object each, which is made when it is looked at. A million long-lived
/// objects cost the garbage collector more than reading them from the file does.
/// </summary>
internal sealed class LeaseRows(int capacity) : IReadOnlyList<Lease>
{
    private readonly List<(string Pool, string Owner, long SinceTicks, Ipv4Address Address)> _rows = new(capacity);

    public int Count => _rows.Count;

    public Lease this[int index]
    {
        get
        {
            var (pool, owner, sinceTicks, address) = _rows[index];
            return new Lease(pool, address, owner, new DateTimeOffset(sinceTicks, TimeSpan.Zero));
        }
    }

    public void Add(string pool, Ipv4Address address, string owner, long sinceTicks) =>
        _rows.Add((pool, owner, sinceTicks, address));

    public IEnumerator<Lease> GetEnumerator()
    {
        for (var i = 0; i < _rows.Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
