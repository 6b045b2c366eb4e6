using System.ComponentModel;
using System.Runtime.InteropServices;

namespace MasterController.Linux.Processes;

/// <summary>posix_spawn_file_actions_t: what the child does with its descriptors before it executes.</summary>
internal sealed class SpawnFileActions : IDisposable
{
    public SpawnFileActions() => Check(Libc.posix_spawn_file_actions_init(Pointer));

    public nint Pointer { get; } = Marshal.AllocHGlobal(Libc.SpawnStructureSize);

    public void Open(int fd, string path) =>
        Check(Libc.posix_spawn_file_actions_addopen(Pointer, fd, path, Libc.O_RDWR, 0));

    public void Duplicate(int fd, int newFd) => Check(Libc.posix_spawn_file_actions_adddup2(Pointer, fd, newFd));

    public void CloseFrom(int fd) => Check(Libc.posix_spawn_file_actions_addclosefrom_np(Pointer, fd));

    public void Dispose()
    {
        Check(Libc.posix_spawn_file_actions_destroy(Pointer));
        Marshal.FreeHGlobal(Pointer);
    }

    internal static void Check(int errno)
    {
        if (errno != 0)
            throw new Win32Exception(errno);
    }
}

/// <summary>
/// posix_spawnattr_t: a session of its own, every signal as by default (.NET ignores SIGPIPE, and ignored signals are
/// inherited), none blocked.
/// </summary>
internal sealed class SpawnAttributes : IDisposable
{
    public SpawnAttributes()
    {
        var signals = Marshal.AllocHGlobal(Libc.SignalSetSize);
        try
        {
            SpawnFileActions.Check(Libc.posix_spawnattr_init(Pointer));
            SpawnFileActions.Check(
                Libc.posix_spawnattr_setflags(
                    Pointer,
                    Libc.POSIX_SPAWN_SETSID | Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK
                )
            );
            SpawnFileActions.Check(Libc.sigfillset(signals));
            SpawnFileActions.Check(Libc.posix_spawnattr_setsigdefault(Pointer, signals));
            SpawnFileActions.Check(Libc.sigemptyset(signals));
            SpawnFileActions.Check(Libc.posix_spawnattr_setsigmask(Pointer, signals));
        }
        finally
        {
            Marshal.FreeHGlobal(signals);
        }
    }

    public nint Pointer { get; } = Marshal.AllocHGlobal(Libc.SpawnStructureSize);

    public void Dispose()
    {
        SpawnFileActions.Check(Libc.posix_spawnattr_destroy(Pointer));
        Marshal.FreeHGlobal(Pointer);
    }
}

/// <summary>A char*[] that ends with null, as argv and envp are.</summary>
internal sealed class NativeStrings : IDisposable
{
    private readonly nint[] _strings;

    public NativeStrings(IReadOnlyList<string> strings)
    {
        _strings = [.. strings.Select(Marshal.StringToCoTaskMemUTF8)];
        Pointer = Marshal.AllocHGlobal((_strings.Length + 1) * nint.Size);
        Marshal.Copy((nint[])[.. _strings, 0], 0, Pointer, _strings.Length + 1);
    }

    public nint Pointer { get; }

    public void Dispose()
    {
        Marshal.FreeHGlobal(Pointer);
        foreach (var text in _strings)
            Marshal.FreeCoTaskMem(text);
    }
}
