using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Processes;

/// <summary>
/// A process that cannot be mistaken for a later one with the same number: field 22 of /proc/PID/stat, the start
/// time in clock ticks since boot (proc(5)), goes with the pid.
/// </summary>
public readonly record struct ProcessIdentity(int Pid, ulong StartTicks)
{
    private const int StateField = 3;
    private const int StartTimeField = 22;

    /// <summary>Whether it still runs; an ended process that nobody has waited for yet does not.</summary>
    public bool IsAlive =>
        TryReadStat(Pid, out var ticks, out var state) && ticks == StartTicks && state is not ('Z' or 'X');

    /// <summary>The process that has this number now; null where none has.</summary>
    public static ProcessIdentity? Read(int pid) =>
        TryReadStat(pid, out var ticks, out _) ? new ProcessIdentity(pid, ticks) : null;

    /// <summary>
    /// kill -SIGNAL PID, for this process and no other: the number is bound to a pidfd first, then the start time is
    /// compared, then the pidfd is signalled. False where the process has ended.
    /// </summary>
    /// <exception cref="Win32Exception">The kernel refused, for instance for lack of rights.</exception>
    public bool Signal(UnixSignal signal)
    {
        using var pidfd = OpenPidfd();
        if (pidfd is null)
            return false;
        if (Libc.pidfd_send_signal(pidfd, (int)signal) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno == Libc.ESRCH
            ? false
            : throw new Win32Exception(
                errno,
                $"signal {signal} to process {Pid}: {Marshal.GetPInvokeErrorMessage(errno)}"
            );
    }

    /// <summary>A descriptor that means this process for good; null where it has ended and was waited for.</summary>
    internal SafeFileHandle? OpenPidfd()
    {
        var pidfd = Libc.pidfd_open(Pid);
        if (pidfd.IsInvalid)
        {
            var errno = Marshal.GetLastPInvokeError();
            pidfd.Dispose();
            return errno == Libc.ESRCH
                ? null
                : throw new Win32Exception(errno, $"pidfd of {Pid}: {Marshal.GetPInvokeErrorMessage(errno)}");
        }
        if (Read(Pid) == this)
            return pidfd;
        pidfd.Dispose();
        return null;
    }

    /// <summary>Fields count from 1; the second, the name, may hold spaces and parentheses.</summary>
    internal static bool TryParseStat(ReadOnlySpan<char> stat, out ulong startTicks, out char state)
    {
        startTicks = 0;
        state = '?';
        var nameEnd = stat.LastIndexOf(')');
        if (nameEnd < 0)
            return false;
        var rest = stat[(nameEnd + 1)..].Trim();
        var field = StateField;
        foreach (var range in rest.Split(' '))
        {
            var text = rest[range];
            if (field == StateField)
                state = text.Length == 1 ? text[0] : '?';
            if (field++ == StartTimeField)
                return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out startTicks);
        }
        return false;
    }

    private static bool TryReadStat(int pid, out ulong startTicks, out char state)
    {
        startTicks = 0;
        state = '?';
        try
        {
            using var stat = File.OpenHandle($"/proc/{pid}/stat");
            Span<byte> bytes = stackalloc byte[1024];
            var length = RandomAccess.Read(stat, bytes, 0);
            return TryParseStat(Encoding.UTF8.GetString(bytes[..length]), out startTicks, out state);
        }
        // A process that ends between open and read gives ESRCH.
        catch (IOException)
        {
            return false;
        }
    }
}

/// <summary>signal(7); these numbers are the same on every architecture Linux runs .NET on.</summary>
public enum UnixSignal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
}
