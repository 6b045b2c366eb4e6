using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;
using MasterController.Bench.Subjects.Networks;
using MasterController.Linux.Namespaces;

namespace MasterController.Bench.Measurements.Networks;

/// <summary>
/// A host that is filled with as many VMs as a /16 has addresses, by the controller's code and by a bare loop: how long
/// that takes, what one more costs on the way, and what a restart and the end of all of them cost. Kernel memory is some
/// 4 GiB each time, so one namespace has to be gone before the next is filled.
/// </summary>
internal sealed class FullHost(Workplace workplace, Findings findings, IReadOnlyList<string> parts)
{
    public static IReadOnlyList<string> Parts { get; } = ["attach", "single", "restart"];

    private const int Thousand = 1_000;
    private const int PairsALevel = 200;
    private const int PairsATurn = 10;
    private const int Restarts = 3;

    private static readonly int[] _levels = [0, 1_000, 10_000, 65_000];
    private static readonly Goal _fillGoal = new(AtMost: 1.5);
    private static readonly Goal _constantGoal = new(AtMost: 1.2);
    private static readonly Goal _memoryGoal = new(AtMost: 1);
    private static readonly Goal _readyGoal = new(AtMost: 1.5);
    private static readonly Goal _compareGoal = new(AtMost: 2);

    /// <summary>MiB.</summary>
    private const double MemoryLimit = 150;

    public async Task RunAsync()
    {
        var bare = parts.Contains("attach") ? await FillBareAsync() : null;
        using var space = NetworkNamespace.Create();
        var file = workplace.NewFile("network", "state.db");
        var filled = await FillControlledAsync(space, file);
        if (bare is not null)
            Tell(filled, bare);
        if (parts.Contains("restart"))
            await RestartAsync(space, file);
    }

    private async Task DetachAsync(NetworkProcess process)
    {
        var took = await process.AskAsync("detach");
        findings.Add(Figure.Of($"detach {Places.All:N0}: controller", "s", took[0] / 1000));
    }

    private async Task<double[]> FillBareAsync()
    {
        using var space = NetworkNamespace.Create();
        var cable = Cable.Into(space);
        double[] marks;
        await using (var process = NetworkProcess.Start(NetworkTask.Bare, space, ""))
        {
            await process.AskAsync("gateway");
            marks = await process.AskAsync($"attach {Places.All}");
        }
        space.Dispose();
        var removed = await cable.TimeRemovalAsync();
        findings.Add(Figure.Of($"remove a namespace with {Places.All:N0}", "s", removed.TotalSeconds));
        return marks;
    }

    /// <summary>What passed at each thousand; the last is for what is left.</summary>
    private async Task<double[]> FillControlledAsync(NetworkNamespace space, string file)
    {
        await using var controlled = NetworkProcess.Start(NetworkTask.Controlled, space, file);
        var marks = new List<double>();
        foreach (var level in parts.Contains("single") ? _levels : [])
        {
            await FillToAsync(level);
            await PairsAsync(level, controlled, space);
        }
        await FillToAsync(Places.All);
        if (parts.Contains("attach"))
        {
            var memory = findings.Add(
                Figure.Of("controller's memory at the end: VmRSS", "MiB", ResidentMemory.Of(controlled.Pid).Resident)
            );
            var limit = findings.Add(Figure.Of("limit of memory", "MiB", MemoryLimit));
            findings.Compare(memory, limit, _memoryGoal);
        }
        if (!parts.Contains("restart"))
            await DetachAsync(controlled);
        return [.. marks];

        async Task FillToAsync(int count)
        {
            var before = marks.Count == 0 ? 0 : marks[^1];
            marks.AddRange((await controlled.AskAsync($"attach {count}")).Select(mark => before + mark));
        }
    }

    private void Tell(double[] controlled, double[] bare)
    {
        var all = findings.Add(Figure.Of($"attach {Places.All:N0}: controller", "s", controlled[^1] / 1000));
        var loop = findings.Add(Figure.Of($"attach {Places.All:N0}: bare loop", "s", bare[^1] / 1000));
        findings.Compare(all, loop, _fillGoal);
        Figure? first = null;
        foreach (var (name, marks) in ((string, double[])[])[("controller", controlled), ("bare loop", bare)])
        {
            // Milliseconds a thousand are microseconds a VM.
            var each = marks.Take(Places.All / Thousand).Select((mark, i) => i == 0 ? mark : mark - marks[i - 1]);
            double[] times = [.. each];
            first = findings.Add(Figure.Of($"a VM of the first thousand: {name}", "µs", times[0]));
            var last = findings.Add(Figure.Of($"a VM of the last thousand: {name}", "µs", times[^1]));
            findings.Add(Figure.Of($"a VM, by thousands: {name}", "µs", times));
            findings.Compare(last, first, name == "controller" ? _constantGoal : null);
        }
    }

    /// <summary>One more VM comes and goes, by the controller and bare, in turns and in the same namespace.</summary>
    private async Task PairsAsync(int present, NetworkProcess controlled, NetworkNamespace space)
    {
        await using var bare = NetworkProcess.Start(NetworkTask.Bare, space, "");
        List<double>[] times =
        [
            [],
            [],
            [],
            [],
        ];
        for (var turn = -1; turn < PairsALevel / PairsATurn; turn++)
        {
            var asked = await controlled.AskAsync($"pairs {PairsATurn}");
            var beside = await bare.AskAsync($"pairs {present} {PairsATurn}");
            if (turn < 0)
                continue;
            for (var i = 0; i < asked.Length; i++)
            {
                times[i % 2].Add(asked[i]);
                times[2 + (i % 2)].Add(beside[i]);
            }
        }
        foreach (var i in (int[])[0, 1])
        {
            var what = $"{present:N0} present: {(i == 0 ? "attach" : "detach")}";
            foreach (var (share, p) in ((double, string)[])[(0.5, "p50"), (0.99, "p99")])
            {
                var (own, other) = (Rank(times[i], share), Rank(times[2 + i], share));
                findings.Compare(
                    findings.Add(Figure.Of($"{what}, {p}", "ms", own)),
                    findings.Add(Figure.Of($"{what} bare, {p}", "ms", other))
                );
            }
        }
    }

    private static double Rank(List<double> times, double share)
    {
        times.Sort();
        return Figure.Rank(times, share);
    }

    /// <summary>A fresh process on the full host, beside one that merely reads the store, and a bare dump, in turns.</summary>
    private async Task RestartAsync(NetworkNamespace space, string file)
    {
        List<double>[] times =
        [
            [],
            [],
            [],
            [],
            [],
        ];
        await using var bare = NetworkProcess.Start(NetworkTask.Bare, space, "");
        for (var round = 0; round < Restarts; round++)
        {
            await using (var reader = NetworkProcess.Start(NetworkTask.Reader, space, file))
                times[0].AddRange(await reader.AskAsync("read"));
            await using var restarted = NetworkProcess.Start(NetworkTask.Restarted, space, file);
            var started = await restarted.AskAsync("started");
            times[1].Add(started[0]);
            times[2].Add(started[1]);
            for (var turn = 0; turn < Restarts; turn++)
            {
                times[3].AddRange(await bare.AskAsync("dump"));
                times[4].AddRange(await restarted.AskAsync("compare"));
            }
            if (round == Restarts - 1)
                await DetachAsync(restarted);
        }
        var read = findings.Add(Figure.Of("restart: the store read, and no more", "ms", times[0]));
        findings.Compare(findings.Add(Figure.Of("restart: VMs can be created", "ms", times[1])), read, _readyGoal);
        findings.Compare(findings.Add(Figure.Of("restart: host compared", "ms", times[2])), read);
        var dump = findings.Add(Figure.Of("links, addresses, routes, neighbours: bare dump", "ms", times[3]));
        findings.Compare(findings.Add(Figure.Of("full comparison", "ms", times[4])), dump, _compareGoal);
    }
}
