using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using MasterController.Linux.Processes;

namespace MasterController.Core.Hypervisors;

/// <summary>A hypervisor's program as it is on the disk now.</summary>
/// <param name="Path">Absolute.</param>
public sealed partial record HypervisorBinary(string Path, DateTimeOffset Modified, long Size)
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    /// <summary>Looks a name up in PATH; a path is taken as it is. Null where there is no such program.</summary>
    public static HypervisorBinary? Find(string nameOrPath) =>
        SearchPath.Find(nameOrPath) is { } path && new FileInfo(path) is { Exists: true } file
            ? new HypervisorBinary(path, file.LastWriteTimeUtc, file.Length)
            : null;

    /// <summary>PROGRAM --version; null where it gives none.</summary>
    public async Task<Version?> ReadVersionAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerTime);
        var start = new ProcessStartInfo(Path) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--version");
        try
        {
            using var process = Process.Start(start);
            if (process is null)
                return null;
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
                var errors = process.StandardError.ReadToEndAsync(deadline.Token);
                await Task.WhenAll(output, errors);
                return ParseVersion(await output);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                process.Kill();
                return null;
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>"QEMU emulator version 7.2.22 (Debian …)", "Firecracker v1.16.1": the first number with a dot.</summary>
    internal static Version? ParseVersion(string text) =>
        Version.TryParse(FirstVersion().Match(text).Value, out var version) ? version : null;

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex FirstVersion();
}
