using System.Runtime.InteropServices;

namespace MasterController.Linux.Files;

internal static class FileFailure
{
    /// <summary>The exception's HResult is the error number, as .NET's own file calls have it on Unix.</summary>
    internal static IOException Of(string call, int errno) =>
        new($"{call}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
}
