namespace MasterController.Linux;

/// <summary>The host's clock.</summary>
public static class SystemClock
{
    /// <summary>Whether a time service keeps it right: <c>adjtimex --print</c>. Null where the kernel does not say.</summary>
    public static bool? IsSynchronised()
    {
        Span<byte> timex = stackalloc byte[Libc.TimexSize];
        timex.Clear();
        return Libc.adjtimex(ref timex[0]) switch
        {
            < 0 => null,
            Libc.TIME_ERROR => false,
            _ => true,
        };
    }
}
