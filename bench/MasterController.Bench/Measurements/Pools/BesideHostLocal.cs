using System.Diagnostics;
using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;

namespace MasterController.Bench.Measurements.Pools;

/// <summary>
/// An address taken and given back while others are in use: CNI's host-local, mctl, and the API without a process for
/// each request, in turns.
/// </summary>
internal static class BesideHostLocal
{
    private const string Pool = "bench";

    /// <summary>The more are in use, the longer host-local takes.</summary>
    private static readonly (int InUse, int Runs)[] _levels = [(100, 40), (1_000, 40), (10_000, 20), (60_000, 10)];

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        var directory = workplace.NewDirectory("cni");
        await using var controller = await Controller.StartAsync(workplace, directory);
        await new ControllerClient(controller.Http).CreatePoolAsync(Pool, "172.16.0.0/16");
        var load = new HttpLoad(controller.Http, Pool);
        var hostLocal = new HostLocal(workplace.NewDirectory("host-local"));
        var leased = 0;
        foreach (var (inUse, runs) in _levels)
        {
            hostLocal.FillTo(inUse);
            await load.FillAsync(inUse - leased);
            leased = inUse;

            List<TimeSpan>[] takes =
            [
                [],
                [],
                [],
            ];
            List<TimeSpan>[] returns =
            [
                [],
                [],
                [],
            ];
            for (var run = -2; run < runs; run++)
            {
                var owner = load.NextOwner();
                (TimeSpan Take, TimeSpan Return)[] taken =
                [
                    (await hostLocal.AddAsync(owner), await hostLocal.DeleteAsync(owner)),
                    await RunMctlAsync(workplace, controller, load.NextOwner()),
                    await AskAsync(load, load.NextOwner()),
                ];
                for (var i = 0; run >= 0 && i < taken.Length; i++)
                {
                    takes[i].Add(taken[i].Take);
                    returns[i].Add(taken[i].Return);
                }
            }
            Tell(findings, $"{inUse:N0} in use: take", ["host-local ADD", "mctl lease create", "POST lease"], takes);
            Tell(
                findings,
                $"{inUse:N0} in use: return",
                ["host-local DEL", "mctl lease delete", "DELETE lease"],
                returns
            );
        }
    }

    private static async Task<(TimeSpan, TimeSpan)> RunMctlAsync(
        Workplace workplace,
        Controller controller,
        string owner
    )
    {
        string[] common = ["--pool", Pool, "--socket", controller.Socket];
        var (take, address) = await ShortProgram.RunAsync(
            new ProcessStartInfo(workplace.Mctl, ["lease", "create", owner, "--quiet", .. common])
        );
        var (giveBack, _) = await ShortProgram.RunAsync(
            new ProcessStartInfo(workplace.Mctl, ["lease", "delete", address.Trim(), "--owner", owner, .. common])
        );
        return (take, giveBack);
    }

    private static async Task<(TimeSpan, TimeSpan)> AskAsync(HttpLoad load, string owner)
    {
        var began = Stopwatch.GetTimestamp();
        var address = await load.LeaseAsync(owner);
        var take = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        await load.ReleaseAsync(address, owner);
        return (take, Stopwatch.GetElapsedTime(began));
    }

    private static void Tell(Findings findings, string name, string[] subjects, List<TimeSpan>[] times)
    {
        Figure[] figures =
        [
            .. subjects.Zip(times, (subject, t) => findings.Add(Figure.Milliseconds($"{name}, {subject}", t))),
        ];
        findings.Compare(figures[1], figures[0]);
        findings.Compare(figures[2], figures[0]);
    }
}
