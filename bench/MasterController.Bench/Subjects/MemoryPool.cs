using System.Numerics;
using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;

namespace MasterController.Bench.Subjects;

/// <summary>
/// A pool in memory as the controller uses it, without its store, filled so that the free addresses are spread evenly
/// over all of it. Its clock goes on with every cycle, as fast as the free addresses last through the cool-down.
/// </summary>
internal sealed class MemoryPool
{
    /// <summary>As many at once as the controller tells its store of.</summary>
    private const int ExpiredAtOnce = 256;

    /// <summary>Addresses that cool at any time, at most: at 30 s a pace of 333 releases a second.</summary>
    private const long MostCooling = 10_000;

    private readonly AddressPool _pool;
    private readonly uint _first;
    private readonly uint _mask;
    private readonly uint _stride;
    private uint _next;
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    /// <param name="cidr">With the default first and last address.</param>
    public MemoryPool(string cidr, TimeSpan cooldown)
    {
        var definition = Definitions.Of("bench", cidr, cooldown);
        _pool = new AddressPool(definition);
        var range = definition.Ranges[0];
        (_first, Size) = (range.First.Value, (int)(range.Last.Value - range.First.Value) + 1);
        _mask = BitOperations.RoundUpToPowerOf2((uint)Size) - 1;
        // Odd, so that its multiples meet every address once; the golden ratio spreads any number of them evenly.
        _stride = (uint)(0.6180339887 * _mask) | 1;
    }

    /// <summary>Addresses that can be leased.</summary>
    public int Size { get; }

    /// <summary>Leases one address to each.</summary>
    public void Fill(ReadOnlySpan<string> owners)
    {
        _now += _pool.Definition.Cooldown; // What cooled is free by now.
        foreach (var owner in owners)
        {
            uint offset;
            do offset = (_next++ * _stride) & _mask;
            while (offset >= Size);
            Expect(_pool.Lease(owner, new Ipv4Address(_first + offset), _now, out _));
        }
    }

    /// <summary>Each owner in turn leases an address and gives it back.</summary>
    public void Cycle(ReadOnlySpan<string> owners)
    {
        var cooling = Math.Clamp((Size - _pool.Used) / 2, 1, MostCooling);
        var step = TimeSpan.FromTicks((_pool.Definition.Cooldown.Ticks / cooling) + 1);
        var cycles = 0;
        foreach (var owner in owners)
        {
            _now += step;
            Expect(_pool.Lease(owner, null, _now, out var grant));
            Expect(_pool.Release(grant.Address, owner, _now, out _));
            _pool.Settle(grant.Address);
            if (++cycles % ExpiredAtOnce == 0)
                _pool.TakeExpired(ExpiredAtOnce);
        }
    }

    private static void Expect(object? refusal)
    {
        if (refusal is not null)
            throw new InvalidOperationException($"unexpected: {refusal}");
    }
}
