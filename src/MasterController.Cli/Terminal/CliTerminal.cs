using Microsoft.Win32.SafeHandles;

namespace MasterController.Cli.Terminal;

/// <summary>
/// Where <c>mctl</c> reads its surroundings and writes: results to <see cref="Out"/>, everything about how it is going
/// to <see cref="Err"/>.
/// </summary>
internal sealed class CliTerminal : IDisposable
{
    /// <summary>
    /// Buffered; flushed at the end, or by who streams. Written to without <c>await</c>: that would start the thread
    /// pool for it, which takes longer than a short command.
    /// </summary>
    public required TextWriter Out { get; init; }

    public required TextWriter Err { get; init; }

    /// <summary>For a console's bytes, which need not be text.</summary>
    public required Stream OutBytes { get; init; }

    public required Func<bool> OutIsTerminal { get; init; }

    public required Func<bool> ErrIsTerminal { get; init; }

    public required Func<bool> InIsTerminal { get; init; }

    /// <summary>A line from standard input without its end; null when there is none any more.</summary>
    public required Func<string?> ReadLine { get; init; }

    public required Func<int> Width { get; init; }

    public required Func<string, string?> Environment { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>The directory of the running <c>mctl</c>.</summary>
    public required string ProgramDirectory { get; init; }

    public required Interrupt Interrupt { get; init; }

    /// <summary>Set by <c>--no-color</c>.</summary>
    public bool NoColor { get; set; }

    /// <summary>NO_COLOR counts when it is there and not empty (no-color.org).</summary>
    public bool ColorAllowed =>
        !NoColor && string.IsNullOrEmpty(Environment("NO_COLOR")) && Environment("TERM") is not (null or "" or "dumb");

    public Ink OutInk => new(ColorAllowed && OutIsTerminal());

    public Ink ErrInk => new(ColorAllowed && ErrIsTerminal());

    /// <summary>Somebody looks at stderr, and it can redraw a line.</summary>
    public bool Watched => ErrIsTerminal() && Environment("TERM") is not (null or "" or "dumb");

    public static CliTerminal OfProcess()
    {
        var outBytes = Descriptor(1, Console.OpenStandardOutput);
        var errBytes = Descriptor(2, Console.OpenStandardError);
        return new CliTerminal
        {
            OutBytes = outBytes,
            Out = new StreamWriter(outBytes, bufferSize: 8192),
            Err = new StreamWriter(errBytes, bufferSize: 1024) { AutoFlush = true },
            OutIsTerminal = () => !Console.IsOutputRedirected,
            ErrIsTerminal = () => !Console.IsErrorRedirected,
            InIsTerminal = () => !Console.IsInputRedirected,
            ReadLine = Console.ReadLine,
            Width = () => Console.WindowWidth is > 0 and var width ? width : 80,
            Environment = System.Environment.GetEnvironmentVariable,
            Time = TimeProvider.System,
            ProgramDirectory = AppContext.BaseDirectory,
            Interrupt = new Interrupt(),
        };
    }

    public void Dispose() => Interrupt.Dispose();

    /// <remarks>
    /// <see cref="Console"/>'s streams swallow a broken pipe, so that <c>mctl events | head -1</c> would run on for ever;
    /// a <see cref="FileStream"/> keeps a position of its own in a file, and would write over what others append.
    /// </remarks>
    private static Stream Descriptor(int number, Func<Stream> whenFile)
    {
        var direct = new FileStream(new SafeFileHandle(number, false), FileAccess.Write, 0);
        return direct.CanSeek ? whenFile() : direct;
    }
}
