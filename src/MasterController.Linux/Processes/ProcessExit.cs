namespace MasterController.Linux.Processes;

/// <summary>How a process ended.</summary>
/// <param name="Code">The exit status; null where a signal ended it, or where nobody can say.</param>
/// <param name="Signal">The signal that ended it; null where it exited, or where nobody can say.</param>
public readonly record struct ProcessExit(int? Code, int? Signal)
{
    /// <summary>It ended, but its status went to another parent and the kernel does not tell (before Linux 6.15).</summary>
    public static ProcessExit Unknown => default;

    public bool IsKnown => Code is not null || Signal is not null;

    /// <summary>From the status word of wait(2): the signal in the low seven bits, the exit status in the next byte.</summary>
    internal static ProcessExit OfWaitStatus(int status) =>
        (status & 0x7f) is var signal and not 0
            ? new ProcessExit(null, signal)
            : new ProcessExit((status >> 8) & 0xff, null);

    public override string ToString() =>
        Code is { } code ? $"exit status {code}"
        : Signal is { } signal ? $"killed by signal {signal}"
        : "ended with unknown status";
}
