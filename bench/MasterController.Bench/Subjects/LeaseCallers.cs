using System.Diagnostics;
using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;

namespace MasterController.Bench.Subjects;

/// <summary>Callers of one pool at the same time, each with one request after another.</summary>
/// <param name="first">The first of the owners who has no lease yet.</param>
internal sealed class LeaseCallers(PoolDirectory pools, string pool, int callers, string[] owners, int first)
{
    private readonly Ipv4Address[] _addresses = new Ipv4Address[owners.Length];
    private int _leased = first;
    private int _released = first;

    /// <summary>Leases addresses for as long; says how many a second.</summary>
    public async Task<double> LeaseAsync(TimeSpan time)
    {
        var before = _leased;
        var seconds = await CallAsync(
            time,
            async () =>
            {
                var owner = Interlocked.Increment(ref _leased) - 1;
                _addresses[owner] = await StoredPools.LeaseAsync(pools, pool, owners[owner]);
                return true;
            }
        );
        return (_leased - before) / seconds;
    }

    /// <summary>Gives back what was leased, for as long or until nothing is left; says how many a second.</summary>
    public async Task<double> ReleaseAsync(TimeSpan time)
    {
        var before = _released;
        var seconds = await CallAsync(
            time,
            async () =>
            {
                var owner = Interlocked.Increment(ref _released) - 1;
                if (owner >= _leased)
                    return false;
                await StoredPools.ReleaseAsync(pools, pool, _addresses[owner], owners[owner]);
                return true;
            }
        );
        return (Math.Min(_released, _leased) - before) / seconds;
    }

    private async Task<double> CallAsync(TimeSpan time, Func<Task<bool>> call)
    {
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(RepeatAsync)));
        return Stopwatch.GetElapsedTime(began).TotalSeconds;

        async Task RepeatAsync()
        {
            while (Stopwatch.GetElapsedTime(began) < time && await call()) { }
        }
    }
}
