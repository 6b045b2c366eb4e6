using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Namespaces;

/// <summary>
/// A network namespace that is held open by a descriptor. A namespace belongs to a thread: what runs in it runs on a
/// thread of its own, and sockets, TAP descriptors and child processes made there stay in it afterwards.
/// When the last descriptor, thread and process have gone, the kernel removes it with everything in it.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private readonly SafeFileHandle _handle;

    private NetworkNamespace(SafeFileHandle handle) => _handle = handle;

    /// <summary>For other processes while this object lives: <c>nsenter --net=PATH</c>.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{_handle.DangerousGetHandle()}";

    /// <summary>A new, empty namespace, its loopback down: <c>unshare --net</c>.</summary>
    /// <exception cref="Win32Exception">EPERM: CAP_SYS_ADMIN is missing.</exception>
    public static NetworkNamespace Create() =>
        OnThread(
            "netns-create",
            () =>
            {
                if (Libc.unshare(Libc.CLONE_NEWNET) != 0)
                    throw LastError("A network namespace could not be made");
                return new NetworkNamespace(OpenHandle(OwnPath));
            }
        );

    /// <summary>One that there is: a path as <c>ip netns</c> makes under /run/netns, or /proc/PID/ns/net.</summary>
    public static NetworkNamespace Open(string path) => new(OpenHandle(path));

    /// <summary>The calling thread's.</summary>
    public static NetworkNamespace Current() => Open(OwnPath);

    /// <summary>Moves the calling thread into this namespace for good; only for threads that end there.</summary>
    /// <exception cref="Win32Exception">EPERM: CAP_SYS_ADMIN is missing.</exception>
    public void EnterWithThisThread()
    {
        if (Libc.setns(_handle, Libc.CLONE_NEWNET) != 0)
            throw LastError("The network namespace could not be entered");
    }

    /// <summary>Runs on a thread in this namespace and waits for it. Must not await: continuations run elsewhere.</summary>
    public T Run<T>(Func<T> action) =>
        OnThread(
            "netns-run",
            () =>
            {
                EnterWithThisThread();
                return action();
            }
        );

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Action action) =>
        Run<object?>(() =>
        {
            action();
            return null;
        });

    public void Dispose() => _handle.Dispose();

    // Not /proc/self: that is the process's first thread, which lives elsewhere.
    private const string OwnPath = "/proc/thread-self/ns/net";

    private static SafeFileHandle OpenHandle(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    // The thread ends afterwards: one that changed its namespace must never serve the thread pool.
    private static T OnThread<T>(string name, Func<T> action)
    {
        var task = new Task<T>(action);
        var thread = new Thread(() => task.RunSynchronously(TaskScheduler.Default))
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        thread.Join();
        return task.GetAwaiter().GetResult();
    }

    private static Win32Exception LastError(string what)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new Win32Exception(errno, $"{what}: {Errno.Describe(errno)}");
    }
}
