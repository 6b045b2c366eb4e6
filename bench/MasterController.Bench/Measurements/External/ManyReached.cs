using System.Diagnostics;
using MasterController.Bench.Reports;
using MasterController.Bench.Subjects.External;

namespace MasterController.Bench.Measurements.External;

/// <summary>
/// A thousand VMs, each with an IPv6 address and five forwards, one after the other: by the controller's code and by a bare
/// loop of system calls that makes the same kernel objects.
/// </summary>
internal static class ManyReached
{
    private const int Vms = 1_000;
    private const int Hundred = 100;

    private static readonly Goal _besideBare = new(AtMost: 1.5);
    private static readonly Goal _constant = new(AtMost: 1.2);

    public static async Task RunAsync(Findings findings)
    {
        double[] bare = [.. (await BareReached.AttachAllAsync(Vms)).Select(time => time.TotalMicroseconds)];
        await using var host = await ReachedHost.MakeAsync();
        var attached = new List<double>(Vms);
        for (var number = 0; number < Vms; number++)
        {
            var began = Stopwatch.GetTimestamp();
            await host.AttachAsync(number);
            attached.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }
        foreach (
            var (name, times) in ((string, IReadOnlyList<double>)[])[("controller", attached), ("bare loop", bare)]
        )
            findings.Compare(
                findings.Add(
                    Figure.Of($"attach, the last hundred of {Vms:N0}: {name}", "µs", times.Skip(Vms - Hundred))
                ),
                findings.Add(Figure.Of($"attach, the first hundred: {name}", "µs", times.Take(Hundred))),
                name == "controller" ? _constant : null
            );
        findings.Compare(
            findings.Add(Figure.Of($"attach {Vms:N0}: controller", "ms", attached.Sum() / 1000)),
            findings.Add(Figure.Of($"attach {Vms:N0}: bare loop", "ms", bare.Sum() / 1000)),
            _besideBare
        );
        await host.CompareAsync();
        var detached = new List<double>(Vms);
        for (var number = Vms - 1; number >= 0; number--)
        {
            var began = Stopwatch.GetTimestamp();
            await host.DetachAsync(number);
            detached.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        findings.Compare(
            findings.Add(Figure.Of($"detach, the first hundred of {Vms:N0}", "ms", detached.Take(Hundred))),
            findings.Add(Figure.Of("detach, the last hundred", "ms", detached.Skip(Vms - Hundred))),
            _constant
        );
    }
}
