using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// A line a message, for people: <c>17:03:12.482 INFO   vms         vm-1234 (web, 192.168.100.2) is running</c>; local
/// time, severity, area, message. An exception takes the lines below it.
/// </summary>
internal sealed class LineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    private const string Ours = "MasterController.";

    public override void Write<TState>(
        in LogEntry<TState> logEntry,
        IExternalScopeProvider? scopeProvider,
        TextWriter textWriter
    )
    {
        var message = Shown(logEntry.Formatter(logEntry.State, logEntry.Exception));
        textWriter.Write(
            $"{clock.GetLocalNow():HH:mm:ss.fff} {Severity(logEntry.LogLevel), -5}  {Area(logEntry.Category), -10}  {message}\n"
        );
        if (logEntry.Exception is { } exception)
            textWriter.Write($"{Shown(exception.ToString())}\n");
    }

    /// <summary>Of our own classes the folder, of others' the class, without the namespaces above.</summary>
    internal static string Area(string category)
    {
        var end = category.LastIndexOf('.');
        if (end < 0 || !category.StartsWith(Ours, StringComparison.Ordinal))
            return category[(end + 1)..];
        var start = category.LastIndexOf('.', end - 1) + 1;
        return category[start..end].ToLowerInvariant();
    }

    /// <summary>A message can quote a guest's console, whose escape sequences are not for the reader's terminal.</summary>
    private static string Shown(string text) =>
        string.Concat(text.ReplaceLineEndings("\n").Select(c => char.IsControl(c) && c != '\n' ? '\uFFFD' : c));

    private static string Severity(LogLevel level) =>
        level switch
        {
            LogLevel.Trace => "TRACE",
            LogLevel.Debug => "DEBUG",
            LogLevel.Information => "INFO",
            LogLevel.Warning => "WARN",
            LogLevel.Error => "ERROR",
            _ => "FATAL",
        };
}
