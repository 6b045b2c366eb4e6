using Microsoft.Extensions.Logging.Console;

namespace MasterController.Daemon.Hosting;

/// <summary>Sets up the log as configured.</summary>
internal static class Logs
{
    /// <summary>Set by systemd for services whose output goes to the journal (systemd.exec(5)).</summary>
    private const string JournalVariable = "JOURNAL_STREAM";

    /// <param name="level">Asked for each message, so that a reload takes effect at once.</param>
    public static void Add(ILoggingBuilder logging, string format, Func<LogLevel> level, TimeProvider clock)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Trace);
        logging.AddFilter((category, severity) => severity >= Least(category, level()));
        switch (Resolve(format))
        {
            case "journald":
                logging.AddProvider(new JournalLogging());
                break;
            case "json":
                AddConsole(logging, new JsonLineFormatter(clock), JsonLineFormatter.FormatterName);
                break;
            default:
                AddConsole(logging, new LineFormatter(clock), LineFormatter.FormatterName);
                break;
        }
    }

    private static void AddConsole(ILoggingBuilder logging, ConsoleFormatter formatter, string name)
    {
        logging.Services.AddSingleton(formatter);
        logging.AddConsole(o => o.FormatterName = name);
    }

    private static string Resolve(string format) =>
        format switch
        {
            "auto" when Environment.GetEnvironmentVariable(JournalVariable) is { Length: > 0 } => "journald",
            "auto" => "console",
            _ => format,
        };

    /// <summary>The framework tells in ten lines what the request log tells in one: it is for level trace.</summary>
    private static LogLevel Least(string? category, LogLevel configured) =>
        category is not null
        && category.StartsWith("Microsoft.", StringComparison.Ordinal)
        && configured > LogLevel.Trace
            ? (LogLevel)Math.Max((int)configured, (int)LogLevel.Warning)
            : configured;
}
