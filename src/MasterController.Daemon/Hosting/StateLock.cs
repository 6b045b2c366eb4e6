using System.Globalization;

namespace MasterController.Daemon.Hosting;

/// <summary>What became of taking a state directory.</summary>
public abstract record StateLockOutcome
{
    private StateLockOutcome() { }

    public sealed record Taken(StateLock Lock) : StateLockOutcome;

    /// <param name="Holder">Who holds it, as it wrote itself into the file: "pid 12: /usr/bin/master-controller run".</param>
    public sealed record Held(string Path, string Holder) : StateLockOutcome;

    public sealed record Failed(string Path, string Reason) : StateLockOutcome;
}

/// <summary>
/// One controller a state directory: an exclusive flock(2) on the file "lock" in it. The kernel drops it with the
/// process, however that ends; the file stays. Who holds it is written into "lock.holder" beside it, because reading
/// a file through .NET asks for a shared lock, which the holder's own keeps from everybody.
/// </summary>
public sealed class StateLock : IDisposable
{
    /// <summary>EWOULDBLOCK (asm-generic/errno-base.h), which is how flock(2) says that another has it.</summary>
    private const int WouldBlock = 11;

    /// <summary>VM users pass through to their own directories, and list nothing (0711).</summary>
    private const UnixFileMode DirectoryMode =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherExecute;

    private readonly FileStream _file;

    private StateLock(FileStream file) => _file = file;

    /// <summary>Makes the directory if it is missing, and takes it.</summary>
    public static StateLockOutcome Take(string stateDirectory)
    {
        var path = Path.Combine(stateDirectory, "lock");
        try
        {
            Directory.CreateDirectory(stateDirectory, DirectoryMode);
            File.SetUnixFileMode(stateDirectory, DirectoryMode);
            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Linux, and the descriptor is closed in child processes.
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            WriteHolder(stateDirectory);
            return new StateLockOutcome.Taken(new StateLock(file));
        }
        catch (IOException held) when (held.HResult == WouldBlock)
        {
            return new StateLockOutcome.Held(path, Holder(stateDirectory));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new StateLockOutcome.Failed(path, refused.Message);
        }
    }

    public void Dispose() => _file.Dispose();

    private static void WriteHolder(string stateDirectory) =>
        File.WriteAllText(
            HolderPath(stateDirectory),
            string.Create(
                CultureInfo.InvariantCulture,
                $"pid {Environment.ProcessId}: {string.Join(' ', Environment.GetCommandLineArgs())}\n"
            )
        );

    private static string Holder(string stateDirectory)
    {
        try
        {
            var text = File.ReadAllText(HolderPath(stateDirectory)).TrimEnd();
            return text.Length > 0 ? text : "a process that has not said who it is";
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return $"a process that is not known ({unreadable.Message})";
        }
    }

    private static string HolderPath(string stateDirectory) => Path.Combine(stateDirectory, "lock.holder");
}
