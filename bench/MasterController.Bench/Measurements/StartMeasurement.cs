using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;

namespace MasterController.Bench.Measurements;

/// <summary>
/// How long programs take from the fork to their end, in turns, and the controller until it is ready. The program that
/// does nothing shows how much of each figure is the measuring and the kernel.
/// </summary>
internal sealed class StartMeasurement(Workplace workplace)
{
    private const int Warmups = 10;
    private const int Runs = 200;
    private const int ControllerRuns = 10;

    public async Task<Report> RunAsync()
    {
        var before = Machine.Read();
        (string Name, string Program, string[] Arguments)[] programs =
        [
            ("true", "true", []),
            ("ip -V", "ip", ["-V"]),
            ("mctl --version", workplace.Mctl, ["--version"]),
            ("mctl vm list --help", workplace.Mctl, ["vm", "list", "--help"]),
        ];
        var times = programs.Select(_ => new List<TimeSpan>()).ToArray();
        for (var run = -Warmups; run < Runs; run++)
        {
            for (var i = 0; i < programs.Length; i++)
            {
                var took = await ShortProgram.TimeAsync(programs[i].Program, programs[i].Arguments);
                if (run >= 0)
                    times[i].Add(took);
            }
        }

        var readies = new List<TimeSpan>();
        // The first one also compiles what asks /readyz here.
        for (var run = -1; run < ControllerRuns; run++)
        {
            await using var controller = await Controller.StartAsync(workplace, workplace.NewDirectory($"start-{run}"));
            if (run >= 0)
                readies.Add(controller.ReadyAfter);
        }

        var figures = programs.Zip(times, (program, taken) => Figure.Milliseconds(program.Name, taken)).ToArray();
        var (ip, version, help) = (figures[1], figures[2], figures[3]);
        return new Report(
            "start",
            TimeProvider.System.GetUtcNow(),
            before,
            Machine.Read(),
            [
                .. figures,
                Figure.Milliseconds("master-controller until /readyz", readies),
                Size("size of mctl", workplace.Mctl),
                Size("size of master-controller", workplace.Controller),
            ],
            [Comparison.Of(version, ip), Comparison.Of(help, ip)]
        );
    }

    private static Figure Size(string name, string file) =>
        Figure.Of(name, "MiB", new FileInfo(file).Length / (1024.0 * 1024));
}
