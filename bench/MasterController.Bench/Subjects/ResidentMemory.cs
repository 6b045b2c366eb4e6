using System.Globalization;

namespace MasterController.Bench.Subjects;

/// <summary>How much of a process is in memory.</summary>
/// <param name="Resident">VmRSS: every page, pages of files included. MiB.</param>
/// <param name="Proportional">Pss: pages that others map too are counted by their share. MiB.</param>
/// <param name="Anonymous">Heap, stacks and what was written to; what is not a file's page. MiB.</param>
internal sealed record ResidentMemory(double Resident, double Proportional, double Anonymous)
{
    public static ResidentMemory Of(int pid)
    {
        var rollup = Read($"/proc/{pid}/smaps_rollup");
        return new ResidentMemory(Read($"/proc/{pid}/status")["VmRSS"], rollup["Pss"], rollup["Anonymous"]);
    }

    /// <summary>The lines "Name:  123 kB" in MiB (proc_pid_status(5)).</summary>
    private static Dictionary<string, double> Read(string path) =>
        File.ReadLines(path)
            .Select(line => line.Split([':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is [_, _, "kB"])
            .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture) / 1024);
}
