using System.Runtime.InteropServices;

namespace MasterController.Linux;

internal static partial class Libc
{
    /// <summary>Size of struct timex on 64-bit Linux (linux/timex.h).</summary>
    internal const int TimexSize = 208;

    /// <summary>What adjtimex(2) answers when the clock is not synchronised.</summary>
    internal const int TIME_ERROR = 5;

    /// <summary>adjtimex(2); a struct of zeros (modes = 0) changes nothing. Answers the clock's state.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int adjtimex(ref byte timex);
}
