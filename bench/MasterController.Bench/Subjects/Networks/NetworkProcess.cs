using System.Diagnostics;
using System.Globalization;
using MasterController.Linux.Namespaces;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// This program, started once more to do nothing but work on one network namespace, so that its memory and its times are
/// of that alone. It is told what to do line by line, and answers each line with what it took, in milliseconds.
/// </summary>
internal sealed class NetworkProcess : IAsyncDisposable
{
    private readonly Process _process;

    private NetworkProcess(Process process) => _process = process;

    public int Pid => _process.Id;

    /// <param name="task">One of <see cref="NetworkTask.Names"/>.</param>
    /// <param name="file">The state file.</param>
    public static NetworkProcess Start(string task, NetworkNamespace space, string file)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [task, space.Path, file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new NetworkProcess(Process.Start(start)!);
    }

    /// <exception cref="InvalidOperationException">It has ended; it has told why on standard error.</exception>
    public async Task<double[]> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        var answer =
            await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException($"\"{command}\" was not answered");
        return
        [
            .. answer
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(number => double.Parse(number, CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>Lets it end in order.</summary>
    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
        }
    }
}
