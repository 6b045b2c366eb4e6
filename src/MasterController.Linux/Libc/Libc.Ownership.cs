using System.Runtime.InteropServices;

namespace MasterController.Linux;

internal static partial class Libc
{
    /// <summary>chown(2); an id of 2³²−1 leaves that one as it is.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int chown(string pathname, uint owner, uint group);
}
