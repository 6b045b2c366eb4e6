using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using MasterController.Cli.Api;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Doctor;

/// <summary>
/// The host's checks when no daemon answers: <c>master-controller doctor -o json</c>, found beside <c>mctl</c> or in
/// PATH, with the state of the daemon as a check of its own.
/// </summary>
internal static class DoctorWithoutDaemon
{
    public const string Program = "master-controller";

    public const string Code = "daemon";

    public static async Task<DoctorReport> RunAsync(
        CliTerminal terminal,
        DaemonUnreachableException unreachable,
        CancellationToken cancel
    )
    {
        var host = Find(terminal) is { } program ? await RunAsync(program, cancel) : null;
        var fix = ErrorReport.Of(unreachable)!.Hint;
        // The host can be fit without the daemon running yet; when nothing at all could be checked it is not.
        var daemon = new DoctorCheck(
            Code,
            host is null ? "fail" : "warn",
            host is null ? $"{unreachable.Message}; {Program} was not found to check the host" : unreachable.Message,
            fix
        );
        DoctorCheck[] checks = [daemon, .. host?.Checks ?? []];
        int Count(string status) => checks.Count(check => check.Status == status);
        return new DoctorReport(checks, Count("pass"), Count("warn"), Count("fail"), Count("skip"));
    }

    private static string? Find(CliTerminal terminal) =>
        new[] { terminal.ProgramDirectory }
            .Concat((terminal.Environment("PATH") ?? "").Split(Path.PathSeparator))
            .Where(directory => directory.Length > 0)
            .Select(directory => Path.Combine(directory, Program))
            .FirstOrDefault(File.Exists);

    /// <returns>null when it prints no report: an older version, or one that may not be run.</returns>
    private static async Task<DoctorReport?> RunAsync(string program, CancellationToken cancel)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program)
                {
                    ArgumentList = { "doctor", "-o", "json" },
                    RedirectStandardOutput = true,
                }
            );
            if (process is null)
            {
                return null;
            }

            var report = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return JsonSerializer.Deserialize(report, CliJson.Wire.DoctorReport);
        }
        catch (Exception e) when (e is JsonException or Win32Exception)
        {
            return null;
        }
    }
}
