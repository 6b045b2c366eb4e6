using MasterController.Bench.Reports;
using MasterController.Bench.Subjects.Networks;
using MasterController.Linux.Namespaces;

namespace MasterController.Bench.Measurements.Networks;

/// <summary>
/// Whether TAPs that are made ahead would pay: one attachment from nothing, from a stock with a new name, and from a stock
/// without one, in turns, all by bare system calls.
/// </summary>
internal static class WarmStock
{
    private const int Runs = 1_000;
    private const int Warmups = 20;

    public static void Run(Findings findings)
    {
        using var space = NetworkNamespace.Create();
        List<TimeSpan>[] times =
        [
            [],
            [],
            [],
        ];
        space.Run(() =>
        {
            using var taps = new WarmTaps();
            taps.Fill(2 * (Warmups + Runs));
            for (var run = -Warmups; run < Runs; run++)
            {
                var number = 3 * (run + Warmups);
                TimeSpan[] took =
                [
                    taps.AttachNew(number),
                    taps.AttachWarm(number + 1, renamed: true),
                    taps.AttachWarm(number + 2, renamed: false),
                ];
                for (var i = 0; run >= 0 && i < took.Length; i++)
                    times[i].Add(took[i]);
            }
        });
        string[] names = ["from nothing", "from a stock, renamed", "from a stock, under its old name"];
        Figure[] figures =
        [
            .. names.Zip(
                times,
                (name, taken) =>
                    findings.Add(Figure.Of($"bare attach {name}", "µs", taken.Select(t => t.TotalMicroseconds)))
            ),
        ];
        findings.Compare(figures[1], figures[0]);
        findings.Compare(figures[2], figures[0]);
    }
}
