using System.ComponentModel;
using System.Diagnostics;

namespace MasterController.Core.Diagnostics;

/// <summary>Finds programs and asks them their version.</summary>
public static class BinaryProbe
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(10);

    /// <param name="nameOrPath">A name is looked up in PATH.</param>
    public static string? Find(string nameOrPath, string? searchPath = null)
    {
        if (nameOrPath.Contains('/'))
            return IsExecutable(nameOrPath) ? nameOrPath : null;
        return (searchPath ?? Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            // A unit's PATH may lack the directories that administrators' programs are in.
            .Concat(["/usr/sbin", "/sbin"])
            .Select(directory => Path.Combine(directory, nameOrPath))
            .FirstOrDefault(IsExecutable);
    }

    /// <summary>The first line of <c>NAME --version</c>.</summary>
    public static async Task<BinaryFacts> AskAsync(string nameOrPath, CancellationToken cancellationToken)
    {
        if (Find(nameOrPath) is not { } path)
            return new BinaryFacts(nameOrPath, Path: null, Version: null);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(AtMost);
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--version");
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                var version = await process.StandardOutput.ReadLineAsync(over.Token);
                await process.WaitForExitAsync(over.Token);
                return new BinaryFacts(nameOrPath, path, version?.Trim());
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                process.Kill();
                return new BinaryFacts(nameOrPath, path, Version: null);
            }
        }
        catch (Win32Exception)
        {
            return new BinaryFacts(nameOrPath, path, Version: null);
        }
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path)
        && (
            File.GetUnixFileMode(path)
            & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)
        ) != 0;
}
