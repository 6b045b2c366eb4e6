using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Processes;

/// <summary>
/// Notices the end of any number of processes on one thread, by pidfd and epoll. Own children are waited for, so that
/// none stays a zombie; for the children of others (VMs that a former controller started) the kernel is asked for the
/// status. System.Diagnostics.Process waits for the processes that it started itself and for no other, and so does
/// this, so that the two do not take each other's.
/// </summary>
public sealed class ProcessExitWatcher : IDisposable
{
    /// <summary>
    /// How many exits are remembered: the one who started a process and the one who looks after it ask one after the
    /// other, and it may end between them.
    /// </summary>
    private const int Remembered = 1024;

    private const long StopKey = 0;

    /// <summary>How long the other parent of an ended process has to wait for it: only then is its status told.</summary>
    private static readonly TimeSpan ReapTime = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Epoll _epoll = new();
    private readonly SafeFileHandle _stop = new(
        Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK),
        ownsHandle: true
    );
    private readonly Thread _thread;
    private readonly Dictionary<long, Watch> _watches = [];
    private readonly Dictionary<ProcessIdentity, Watch> _byProcess = [];
    private readonly Dictionary<ProcessIdentity, ProcessExit> _ended = [];
    private readonly Queue<ProcessIdentity> _endedInOrder = new();
    private long _lastKey = StopKey;
    private bool _disposed;

    public ProcessExitWatcher()
    {
        _epoll.Add(_stop, Libc.EPOLLIN, StopKey);
        _thread = new Thread(Run) { IsBackground = true, Name = "process exits" };
        _thread.Start();
    }

    /// <summary>
    /// Completes when the process has ended; <see cref="ProcessExit.Unknown"/> where it had ended before it was ever
    /// watched. Any number of callers may watch one process.
    /// </summary>
    /// <exception cref="System.ComponentModel.Win32Exception">No descriptor could be had.</exception>
    public Task<ProcessExit> WatchAsync(ProcessIdentity process, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_ended.TryGetValue(process, out var exit))
                return Task.FromResult(exit);
            if (_byProcess.TryGetValue(process, out var watch))
                return watch.Exit.Task.WaitAsync(cancellationToken);
            if (process.OpenPidfd() is not { } pidfd)
                return Task.FromResult(ProcessExit.Unknown);
            watch = new Watch(++_lastKey, process, pidfd);
            _watches.Add(watch.Key, watch);
            _byProcess.Add(process, watch);
            _epoll.Add(pidfd, Libc.EPOLLIN, watch.Key);
            return watch.Exit.Task.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }
        RandomAccess.Write(_stop, BitConverter.GetBytes(1UL), 0);
        _thread.Join();
        foreach (var watch in _watches.Values)
        {
            watch.Exit.TrySetCanceled();
            watch.Pidfd.Dispose();
        }
        _epoll.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        var unreaped = new List<Watch>();
        while (true)
        {
            TimeSpan? timeout = unreaped.Count == 0 ? null : unreaped.Min(w => w.ReapDeadline) - Now();
            foreach (var (key, events) in _epoll.Wait(timeout))
            {
                if (key == StopKey)
                    return;
                lock (_lock)
                {
                    if (_watches.TryGetValue(key, out var watch))
                        NoticeLocked(watch, (events & Libc.EPOLLHUP) != 0, unreaped);
                }
            }
            lock (_lock)
            {
                // Its parent may have waited for it just now, in the very instant of the deadline.
                foreach (var late in unreaped.Where(w => !w.Finished && w.ReapDeadline <= Now()))
                    FinishLocked(late, ProcessExit.Unknown);
            }
            unreaped.RemoveAll(w => w.Finished);
        }
    }

    /// <param name="reaped">Its parent has waited for it.</param>
    private void NoticeLocked(Watch watch, bool reaped, List<Watch> unreaped)
    {
        if (TryReap(watch.Pidfd) is { } exit)
        {
            FinishLocked(watch, exit);
        }
        else if (!TryAskKernel(watch.Pidfd, out var told) || told is not null || reaped)
        {
            FinishLocked(watch, told ?? ProcessExit.Unknown);
        }
        else
        {
            // EPOLLIN is there as long as the zombie is; EPOLLHUP, which cannot be masked, tells of its end.
            _epoll.Change(watch.Pidfd, 0, watch.Key);
            watch.ReapDeadline = Now() + ReapTime;
            unreaped.Add(watch);
        }
    }

    private void FinishLocked(Watch watch, ProcessExit exit)
    {
        _watches.Remove(watch.Key);
        _byProcess.Remove(watch.Process);
        if (_endedInOrder.Count == Remembered)
            _ended.Remove(_endedInOrder.Dequeue());
        _ended[watch.Process] = exit;
        _endedInOrder.Enqueue(watch.Process);
        // A child that is just being spawned may hold a copy of the descriptor, which would keep it in the set.
        _epoll.Remove(watch.Pidfd);
        watch.Pidfd.Dispose();
        watch.Finished = true;
        watch.Exit.SetResult(exit);
    }

    /// <summary>waitid(2); null where the process is not a child of ours.</summary>
    private static ProcessExit? TryReap(SafeFileHandle pidfd)
    {
        while (true)
        {
            var fd = (int)pidfd.DangerousGetHandle();
            if (Libc.waitid(Libc.P_PIDFD, fd, out var info, Libc.WEXITED | Libc.WNOHANG) == 0)
            {
                if (info.Pid == 0)
                    return null;
                return info.Code == Libc.CLD_EXITED
                    ? new ProcessExit(info.Status, null)
                    : new ProcessExit(null, info.Status);
            }
            if (Marshal.GetLastPInvokeError() != Libc.EINTR)
                return null;
        }
    }

    /// <summary>PIDFD_GET_INFO; false where the kernel does not know it, null where it does not know the status yet.</summary>
    private static bool TryAskKernel(SafeFileHandle pidfd, out ProcessExit? exit)
    {
        exit = null;
        var info = new Libc.PidfdInfo { Mask = Libc.PIDFD_INFO_EXIT };
        if (Libc.ioctl(pidfd, Libc.PIDFD_GET_INFO, ref info) != 0)
            return false;
        if ((info.Mask & Libc.PIDFD_INFO_EXIT) != 0)
            exit = ProcessExit.OfWaitStatus(info.ExitCode);
        return true;
    }

    private static TimeSpan Now() => TimeSpan.FromMilliseconds(Environment.TickCount64);

    private sealed class Watch(long key, ProcessIdentity process, SafeFileHandle pidfd)
    {
        public long Key { get; } = key;

        public ProcessIdentity Process { get; } = process;

        public SafeFileHandle Pidfd { get; } = pidfd;

        /// <summary>Continuations must not run on the one thread that notices exits.</summary>
        public TaskCompletionSource<ProcessExit> Exit { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TimeSpan ReapDeadline { get; set; }

        public bool Finished { get; set; }
    }
}
