using System.Diagnostics;

namespace MasterController.Bench.Subjects;

/// <summary>A program that prints something and ends.</summary>
internal static class ShortProgram
{
    /// <summary>
    /// From before the fork until standard output is at its end, which is when the process is: what waiting for it
    /// costs comes after.
    /// </summary>
    /// <param name="input">What it reads from standard input; null where it reads nothing.</param>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public static async Task<(TimeSpan Took, string Output)> RunAsync(ProcessStartInfo start, string? input = null)
    {
        start.RedirectStandardInput = input is not null;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        // Synchronous: a continuation on another thread would be measured too.
        var output = process.StandardOutput.ReadToEnd();
        var took = Stopwatch.GetElapsedTime(began);
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? (took, output)
            : throw new InvalidOperationException(
                $"{start.FileName} ended with {process.ExitCode}: {output}{await process.StandardError.ReadToEndAsync()}"
            );
    }

    public static async Task<TimeSpan> TimeAsync(string program, params string[] arguments) =>
        (await RunAsync(new ProcessStartInfo(program, arguments))).Took;
}
