namespace MasterController.Cli;

/// <summary>What <c>mctl</c> ends with. Scripts rely on these: a number never changes its meaning.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int Refused = 4;
    public const int Unreachable = 5;
    public const int TimedOut = 6;

    /// <summary>128 + SIGINT, as a shell reports a program that Ctrl-C ended.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGPIPE: the reader of our output has gone.</summary>
    public const int BrokenPipe = 141;

    public const string Explained = """
        Exit codes:
            0  done
            1  failed: an operation, a VM or a check ended badly, or the daemon had an error
            2  wrong usage: an unknown option, or a value that was refused
            3  not found
            4  refused in the present state: name taken, pool exhausted, image missing, ...
            5  the daemon cannot be reached or is not ready
            6  not finished within --wait or --timeout; it goes on in the background
          130  interrupted with Ctrl-C
        """;
}
