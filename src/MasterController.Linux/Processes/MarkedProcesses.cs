using System.Text;

namespace MasterController.Linux.Processes;

/// <summary>A process that carries a mark.</summary>
/// <param name="Mark">The value of the variable that tells the marked processes apart.</param>
/// <param name="Uid">Whose it is: a mark alone can be forged by any user.</param>
public sealed record MarkedProcess(string Mark, ProcessIdentity Process, uint Uid);

/// <summary>
/// Finds processes by the environment that they were started with: it lives as long as the process, needs no file,
/// and is readable by root alone (proc_pid_environ(5): CAP_SYS_PTRACE for other users' processes).
/// </summary>
public static class MarkedProcesses
{
    /// <summary>
    /// Reads /proc once: <c>grep -lz '^SCOPE_VARIABLE=SCOPE$' /proc/[0-9]*/environ</c>. Processes that end meanwhile
    /// are left out.
    /// </summary>
    /// <param name="scopeVariable">Must have the value <paramref name="scope"/>.</param>
    /// <param name="markVariable">Must be there; its value comes back as <see cref="MarkedProcess.Mark"/>.</param>
    public static IReadOnlyList<MarkedProcess> Find(string scopeVariable, string scope, string markVariable)
    {
        var found = new List<MarkedProcess>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory.AsSpan()), out var pid))
                continue;
            if (
                ProcessIdentity.Read(pid) is not { IsAlive: true } process
                || ReadEnvironment(pid) is not { } environment
            )
                continue;
            if (ValueOf(environment, scopeVariable) != scope || ValueOf(environment, markVariable) is not { } mark)
                continue;
            // Read again: the number may have passed to another process between the two files.
            if (ReadUid(pid) is { } uid && ProcessIdentity.Read(pid) == process)
                found.Add(new MarkedProcess(mark, process, uid));
        }
        return found;
    }

    internal static string? ValueOf(ReadOnlySpan<byte> environment, string variable)
    {
        var prefix = Encoding.UTF8.GetBytes($"{variable}=");
        foreach (var range in environment.Split((byte)0))
        {
            var entry = environment[range];
            if (entry.StartsWith(prefix))
                return Encoding.UTF8.GetString(entry[prefix.Length..]);
        }
        return null;
    }

    private static byte[]? ReadEnvironment(int pid)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{pid}/environ");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The real user: the first number of "Uid:" in /proc/PID/status.</summary>
    private static uint? ReadUid(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("Uid:", StringComparison.Ordinal));
            return uint.Parse(line.Split('\t')[1]);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
