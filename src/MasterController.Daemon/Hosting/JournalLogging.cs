using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// Writes to systemd's journal with fields (systemd.journal-fields(7)): every value of a log message becomes a field
/// of its own, MC_ and its name in capitals, so that <c>journalctl MC_VM=…</c> finds it.
/// </summary>
[ProviderAlias("Journal")]
internal sealed class JournalLogging : ILoggerProvider
{
    public const string SocketPath = "/run/systemd/journal/socket";

    private readonly ConcurrentDictionary<string, JournalLogger> _loggers = new(StringComparer.Ordinal);
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public JournalLogging(string socketPath = SocketPath) => _socket.Connect(new UnixDomainSocketEndPoint(socketPath));

    public ILogger CreateLogger(string categoryName) =>
        _loggers.GetOrAdd(categoryName, name => new JournalLogger(name, _socket));

    public void Dispose() => _socket.Dispose();

    private sealed class JournalLogger(string category, Socket socket) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var message = formatter(state, exception);
            if (exception is not null)
                message = $"{message}\n{exception}";
            var entry = JournalEntry.Format(
                logLevel,
                category,
                message,
                state as IReadOnlyList<KeyValuePair<string, object?>> ?? []
            );
            try
            {
                socket.Send(entry);
            }
            catch (SocketException)
            {
                // The journal is away or the entry is too large for it: losing a line is better than failing.
            }
        }
    }
}

/// <summary>The journal's native protocol: a line a field, or the length and the bytes where a value has newlines.</summary>
internal static class JournalEntry
{
    private const string Identifier = "master-controller";

    public static byte[] Format(
        LogLevel level,
        string category,
        string message,
        IReadOnlyList<KeyValuePair<string, object?>> values
    )
    {
        using var entry = new MemoryStream();
        Write(entry, "PRIORITY", Priority(level).ToString(CultureInfo.InvariantCulture));
        Write(entry, "SYSLOG_IDENTIFIER", Identifier);
        Write(entry, "MC_CATEGORY", category);
        foreach (var (name, value) in values)
        {
            if (name != "{OriginalFormat}")
                Write(entry, FieldName(name), Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }
        Write(entry, "MESSAGE", message);
        return entry.ToArray();
    }

    private static void Write(MemoryStream entry, string field, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        entry.Write(Encoding.ASCII.GetBytes(field));
        if (bytes.Contains((byte)'\n'))
        {
            Span<byte> length = stackalloc byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
            entry.WriteByte((byte)'\n');
            entry.Write(length);
        }
        else
            entry.WriteByte((byte)'=');
        entry.Write(bytes);
        entry.WriteByte((byte)'\n');
    }

    /// <summary>Capitals, digits and "_", 64 at most.</summary>
    private static string FieldName(string name)
    {
        var field =
            "MC_" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
        return field.Length <= 64 ? field : field[..64];
    }

    /// <summary>syslog(3).</summary>
    private static int Priority(LogLevel level) =>
        level switch
        {
            LogLevel.Critical => 2,
            LogLevel.Error => 3,
            LogLevel.Warning => 4,
            LogLevel.Information => 6,
            _ => 7,
        };
}
