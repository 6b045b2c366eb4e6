using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Processes;

/// <summary>
/// Starts processes that outlive this one: <c>setsid PROGRAM ARGUMENTS &lt; /dev/null &gt;&gt; LOG 2&gt;&gt; LOG 3&lt;&amp;A 4&lt;&amp;B</c>
/// in a session of their own, with default signal handling, an empty signal mask and no other descriptor of ours.
/// </summary>
public static class DetachedProcess
{
    private const int FirstDescriptor = 3;

    /// <summary>
    /// Returns once the program is being executed. While this process lives it is the parent, so someone has to wait
    /// for the child's end: <see cref="ProcessExitWatcher.WatchAsync"/>.
    /// </summary>
    /// <exception cref="Win32Exception">Not started; the message names the program.</exception>
    public static ProcessIdentity Start(DetachedProcessSpec spec)
    {
        var pid = Spawn(spec.CommandLine(), spec);

        // The child is ours and nobody has waited for it, so its number cannot be another's yet.
        return ProcessIdentity.Read(pid)
            ?? throw new Win32Exception(Libc.ESRCH, $"{spec.Program}: process {pid} was gone at once");
    }

    private static int Spawn(IReadOnlyList<string> command, DetachedProcessSpec spec)
    {
        // Copies above every target, so that no dup2 overwrites a descriptor which a later one still needs.
        var lowest = FirstDescriptor + spec.Descriptors.Count;
        var copies = new List<SafeFileHandle>();
        using var actions = new SpawnFileActions();
        using var attributes = new SpawnAttributes();
        using var arguments = new NativeStrings(command);
        using var environment = new NativeStrings([.. spec.Environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        try
        {
            actions.Open(0, "/dev/null");
            actions.Duplicate(Copy(spec.Output), 1);
            actions.Duplicate(Copy(spec.Error), 2);
            for (var i = 0; i < spec.Descriptors.Count; i++)
                actions.Duplicate(Copy(spec.Descriptors[i]), FirstDescriptor + i);
            actions.CloseFrom(lowest);
            var errno = Libc.posix_spawnp(
                out var pid,
                command[0],
                actions.Pointer,
                attributes.Pointer,
                arguments.Pointer,
                environment.Pointer
            );
            return errno == 0
                ? pid
                : throw new Win32Exception(errno, $"{command[0]}: {Marshal.GetPInvokeErrorMessage(errno)}");
        }
        finally
        {
            copies.ForEach(copy => copy.Dispose());
        }

        int Copy(SafeHandle handle)
        {
            var fd = Libc.fcntl(handle, Libc.F_DUPFD_CLOEXEC, lowest);
            if (fd < 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            copies.Add(new SafeFileHandle(fd, ownsHandle: true));
            return fd;
        }
    }
}
