using System.Diagnostics;

namespace MasterController.Bench.Subjects;

/// <summary>A program that prints something and ends.</summary>
internal static class ShortProgram
{
    /// <summary>
    /// From before the fork until standard output is at its end, which is when the process is: what waiting for it
    /// costs comes after.
    /// </summary>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public static async Task<TimeSpan> TimeAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.BaseStream;
        // Synchronous: a continuation on another thread would be measured too.
        output.CopyTo(Stream.Null);
        var took = Stopwatch.GetElapsedTime(began);
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? took
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }
}
