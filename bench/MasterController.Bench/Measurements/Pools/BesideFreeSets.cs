using System.Diagnostics;
using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;
using MasterController.Core.Addressing;

namespace MasterController.Bench.Measurements.Pools;

/// <summary>
/// A pool beside a plain set of its free addresses, as an older controller had it: to come into being, in memory, and
/// for the first addresses that are taken. The set does not know who has them.
/// </summary>
internal static class BesideFreeSets
{
    private const int Taken = 10_000;
    private const int Rounds = 5;

    public static void Run(Findings findings)
    {
        foreach (var (network, rounds) in ((string, int)[])[("192.168.0.0/16", Rounds), ("10.0.0.0/8", 1)])
        {
            var definition = Definitions.Of("bench", network, TimeSpan.FromSeconds(30));
            var owners = new OwnerKeys(seed: 6).Take(Taken);
            var range = definition.Ranges[0];
            var count = (int)(range.Last.Value - range.First.Value) + 1;
            var prefix = network[network.IndexOf('/')..];
            var pool = Measure(findings, $"{prefix}: pool", Rounds, () => new AddressPool(definition), Lease);
            foreach (var isSorted in (bool[])[false, true])
            {
                var set = Measure(
                    findings,
                    $"{prefix}: {(isSorted ? "sorted " : "")}set of free addresses",
                    rounds,
                    () => new FreeSet(isSorted, range.First.Value, count),
                    TakeAll
                );
                foreach (var (figure, beside) in pool.Zip(set))
                    findings.Compare(figure, beside);
            }

            void Lease(AddressPool memory)
            {
                foreach (var owner in owners)
                {
                    if (memory.Lease(owner, null, DateTimeOffset.UnixEpoch, out _) is { } refusal)
                        throw new InvalidOperationException(refusal.ToString());
                }
            }
        }
    }

    private static void TakeAll(FreeSet set)
    {
        for (var i = 0; i < Taken; i++)
            set.Take();
    }

    private static Figure[] Measure<T>(Findings findings, string name, int rounds, Func<T> create, Action<T> take)
        where T : class
    {
        List<double> fills = [];
        List<double> sizes = [];
        List<double> takes = [];
        for (var round = 0; round < rounds; round++)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var began = Stopwatch.GetTimestamp();
            var subject = create();
            fills.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            began = Stopwatch.GetTimestamp();
            take(subject);
            takes.Add(Stopwatch.GetElapsedTime(began).TotalNanoseconds / Taken);
            sizes.Add((GC.GetTotalMemory(forceFullCollection: true) - before) / (double)(1 << 20));
            GC.KeepAlive(subject);
        }
        return
        [
            findings.Add(Figure.Of($"{name}, made", "ms", fills)),
            findings.Add(Figure.Of($"{name}, memory with {Taken:N0} taken", "MiB", sizes)),
            findings.Add(Figure.Of($"{name}, each of the first {Taken:N0}", "ns", takes)),
        ];
    }
}
