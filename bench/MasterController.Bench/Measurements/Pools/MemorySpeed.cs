using System.Diagnostics;
using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;

namespace MasterController.Bench.Measurements.Pools;

/// <summary>
/// Lease and release in memory beside insert and remove in a plain dictionary with as many entries of the same owners,
/// in turns. Who leases is always an owner who has not been there before.
/// </summary>
internal static class MemorySpeed
{
    private const int Rounds = 31;
    private const int Warmups = 3;
    private const int CyclesARound = 16_384;

    /// <summary>Two pools of a /8 and the dictionary hold 2.7 GiB; the collector and the rest of the host need more.</summary>
    private const long MebibytesNeeded = 5 * 1024;

    private static readonly string[] _networks = ["192.168.100.0/24", "192.168.0.0/16", "10.0.0.0/8"];
    private static readonly TimeSpan[] _cooldowns = [TimeSpan.Zero, TimeSpan.FromSeconds(30)];
    private static readonly double[] _levels = [0, 0.5, 0.9999];
    private static readonly Goal _goal = new(AtMost: 2);

    /// <exception cref="InvalidOperationException">The host has too little memory for a full /8.</exception>
    public static void Run(Findings findings)
    {
        var available = Machine.AvailableMemory();
        if (available < MebibytesNeeded)
            throw new InvalidOperationException($"{MebibytesNeeded} MiB are needed, {available} are available");
        var keys = new OwnerKeys(seed: 1);
        var extremes = new Figure[_cooldowns.Length, 2];
        foreach (var network in _networks)
        {
            using var subjects = new Filled(network, keys);
            foreach (var level in _levels)
            {
                subjects.FillTo(level);
                var (pools, dictionary) = subjects.Measure(level);
                findings.Add(dictionary);
                for (var i = 0; i < pools.Length; i++)
                {
                    findings.Compare(findings.Add(pools[i]), dictionary, _goal);
                    if (network == _networks[0] && level == _levels[0])
                        extremes[i, 0] = pools[i];
                    extremes[i, 1] = pools[i];
                }
            }
            findings.Add(
                Figure.Of($"{subjects.Name}: filling two pools and the dictionary", "s", subjects.FillTime.TotalSeconds)
            );
        }
        for (var i = 0; i < _cooldowns.Length; i++)
            findings.Compare(extremes[i, 1], extremes[i, 0], _goal);
    }

    /// <summary>A pool for each cool-down, and the dictionary, all with the same owners.</summary>
    private sealed class Filled(string network, OwnerKeys keys) : IDisposable
    {
        private readonly Dictionary<string, uint> _dictionary = [];
        private MemoryPool[] _pools = [.. _cooldowns.Select(cooldown => new MemoryPool(network, cooldown))];

        public string Name { get; } = network[network.IndexOf('/')..];

        public TimeSpan FillTime { get; private set; }

        public void FillTo(double level)
        {
            var began = Stopwatch.GetTimestamp();
            var size = _pools[0].Size;
            // One is left for those that come and go.
            var owners = keys.Take(Math.Min((int)(level * size), size - 1) - _dictionary.Count);
            foreach (var pool in _pools)
                pool.Fill(owners);
            foreach (var owner in owners)
                _dictionary.Add(owner, (uint)_dictionary.Count);
            FillTime += Stopwatch.GetElapsedTime(began);
        }

        public (Figure[] Pools, Figure Dictionary) Measure(double level)
        {
            List<double>[] times = [.. _pools.Select(_ => new List<double>()), []];
            for (var round = -Warmups; round < Rounds; round++)
            {
                var fresh = keys.Take(CyclesARound);
                for (var subject = 0; subject < times.Length; subject++)
                {
                    Touch(fresh);
                    var began = Stopwatch.GetTimestamp();
                    if (subject < _pools.Length)
                        _pools[subject].Cycle(fresh);
                    else
                        Cycle(fresh);
                    if (round >= 0)
                        times[subject].Add(Stopwatch.GetElapsedTime(began).TotalNanoseconds / CyclesARound);
                }
            }
            var state = $"{Name} at {level * 100:0.##} %";
            return (
                [
                    .. _cooldowns.Select(
                        (cooldown, i) => Figure.Of($"{state}, cool-down {cooldown.TotalSeconds:0} s", "ns", times[i])
                    ),
                ],
                Figure.Of($"{state}: dictionary of {_dictionary.Count:N0}", "ns", times[^1])
            );
        }

        /// <summary>Gives the memory back, before the next one needs it.</summary>
        public void Dispose()
        {
            _pools = [];
            _dictionary.Clear();
            _dictionary.TrimExcess();
            GC.Collect();
        }

        private void Cycle(ReadOnlySpan<string> owners)
        {
            var address = 0U;
            foreach (var owner in owners)
            {
                _dictionary.Add(owner, ++address);
                _dictionary.Remove(owner);
            }
        }

        /// <summary>Whoever comes first would otherwise be the one to bring the keys into the cache.</summary>
        private static void Touch(string[] owners)
        {
            var sum = 0;
            foreach (var owner in owners)
                sum += owner[^1];
            if (sum == 0)
                throw new UnreachableException();
        }
    }
}
