using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Processes;

/// <summary>Waits for events on many descriptors, each known by a number that its owner chose.</summary>
internal sealed class Epoll : IDisposable
{
    private const int Capacity = 64;

    /// <summary>struct epoll_event is packed on x86-64 and nowhere else (sys/epoll.h).</summary>
    private static readonly int KeyOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = KeyOffset + sizeof(ulong);

    private readonly SafeFileHandle _epoll;
    private readonly nint _ready = Marshal.AllocHGlobal(Capacity * EventSize);

    public Epoll()
    {
        _epoll = new SafeFileHandle(Libc.epoll_create1(Libc.EPOLL_CLOEXEC), ownsHandle: true);
        if (_epoll.IsInvalid)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    public void Add(SafeHandle descriptor, uint events, long key) =>
        Control(Libc.EPOLL_CTL_ADD, descriptor, events, key);

    public void Change(SafeHandle descriptor, uint events, long key) =>
        Control(Libc.EPOLL_CTL_MOD, descriptor, events, key);

    public void Remove(SafeHandle descriptor) => Control(Libc.EPOLL_CTL_DEL, descriptor, 0, 0);

    /// <summary>For one thread at a time. Null waits without end; the result is empty when the time is over.</summary>
    public IReadOnlyList<(long Key, uint Events)> Wait(TimeSpan? timeout)
    {
        var milliseconds = timeout is { } time
            ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue)
            : -1;
        var count = Libc.epoll_wait(_epoll, _ready, Capacity, milliseconds);
        if (count < 0 && Marshal.GetLastPInvokeError() is var errno and not Libc.EINTR)
            throw new Win32Exception(errno);
        var events = new List<(long, uint)>();
        for (var i = 0; i < count; i++)
        {
            var offset = i * EventSize;
            events.Add((Marshal.ReadInt64(_ready, offset + KeyOffset), (uint)Marshal.ReadInt32(_ready, offset)));
        }
        return events;
    }

    public void Dispose()
    {
        _epoll.Dispose();
        Marshal.FreeHGlobal(_ready);
    }

    private void Control(int operation, SafeHandle descriptor, uint events, long key)
    {
        var wanted = Marshal.AllocHGlobal(EventSize);
        try
        {
            Marshal.WriteInt32(wanted, (int)events);
            Marshal.WriteInt64(wanted, KeyOffset, key);
            if (Libc.epoll_ctl(_epoll, operation, descriptor, wanted) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
        finally
        {
            Marshal.FreeHGlobal(wanted);
        }
    }
}
