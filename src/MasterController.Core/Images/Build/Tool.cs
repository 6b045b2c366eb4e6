using System.ComponentModel;
using System.Diagnostics;
using MasterController.Linux.Processes;

namespace MasterController.Core.Images.Build;

/// <summary>A program of the distribution that a build runs; its output is taken, its failure becomes ours.</summary>
/// <param name="name">Looked up in PATH and in the directories for system programs.</param>
/// <param name="package">The Debian package that brings it.</param>
internal sealed class Tool(string name, string package)
{
    private const int NoSuchFile = 2; // ENOENT
    private const int LongestComplaint = 2000;

    /// <summary>Runs it and gives its standard output as text.</summary>
    internal async Task<string> RunAsync(
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        string? directory = null
    )
    {
        var text = "";
        await RunAsync(
            arguments,
            async output => text = await new StreamReader(output).ReadToEndAsync(cancellationToken),
            cancellationToken,
            directory
        );
        return text;
    }

    /// <summary>Runs it and hands over its standard output while it runs.</summary>
    /// <exception cref="ImageBuildException">It is not installed, or ended with another status than 0.</exception>
    internal async Task RunAsync(
        IReadOnlyList<string> arguments,
        Func<Stream, Task> read,
        CancellationToken cancellationToken,
        string? directory = null
    )
    {
        using var process = Start(arguments, directory);
        using var kill = cancellationToken.Register(() => Kill(process));
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await read(process.StandardOutput.BaseStream);
        }
        catch
        {
            Kill(process);
            throw;
        }
        await process.WaitForExitAsync(CancellationToken.None);
        var complaint = await errors;
        cancellationToken.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
            throw new ImageBuildException($"{name} ended with status {process.ExitCode}: {Shortened(complaint)}");
    }

    private Process Start(IReadOnlyList<string> arguments, string? directory)
    {
        var start = new ProcessStartInfo(SearchPath.Find(name) ?? throw Missing())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        start.Environment["SOURCE_DATE_EPOCH"] = "1"; // mke2fs of e2fsprogs 1.47.1 on
        start.Environment["E2FSPROGS_FAKE_TIME"] = "1"; // and before; 0 would mean the clock
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure) when (failure.NativeErrorCode == NoSuchFile)
        {
            throw Missing(failure);
        }
    }

    private ImageBuildException Missing(Exception? failure = null) =>
        new($"{name} is missing: apt-get install {package}", failure);

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private static string Shortened(string complaint)
    {
        var text = complaint.Trim();
        return text.Length <= LongestComplaint ? text : "… " + text[^LongestComplaint..];
    }
}
