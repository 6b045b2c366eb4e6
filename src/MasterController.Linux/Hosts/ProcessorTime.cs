namespace MasterController.Linux.Hosts;

/// <summary>What all processors together have done since the machine booted, in ticks of the kernel (proc_stat(5)).</summary>
/// <param name="Idle">With the time in which they waited for disks.</param>
public readonly record struct ProcessorTime(long Busy, long Idle)
{
    // user nice system idle iowait irq softirq steal; guest times are counted in user already.
    private const int Fields = 8;
    private const int IdleField = 3;
    private const int WaitField = 4;

    /// <summary><c>head -1 /proc/stat</c>; null where the kernel does not say.</summary>
    public static ProcessorTime? Read() => ProcFile.TryRead("/proc/stat") is { } text ? Parse(text) : null;

    internal static ProcessorTime? Parse(string text)
    {
        var end = text.IndexOf('\n');
        var words = ProcFile.Words(end < 0 ? text : text[..end]);
        if (words is not ["cpu", ..] || words.Length <= WaitField + 1)
            return null;
        var (busy, idle) = (0L, 0L);
        for (var i = 0; i < Math.Min(Fields, words.Length - 1); i++)
        {
            var ticks = ProcFile.Integer(words[i + 1]);
            if (i is IdleField or WaitField)
                idle += ticks;
            else
                busy += ticks;
        }
        return new ProcessorTime(busy, idle);
    }

    /// <summary>Percent of the time since an earlier reading; null where none has passed.</summary>
    public double? PercentSince(ProcessorTime before)
    {
        // iowait may go back a little (proc_stat(5)).
        var busy = Math.Max(0, Busy - before.Busy);
        var idle = Math.Max(0, Idle - before.Idle);
        return busy + idle > 0 ? 100.0 * busy / (busy + idle) : null;
    }
}
