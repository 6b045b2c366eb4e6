using System.ComponentModel;
using MasterController.Linux.Addresses;
using MasterController.Linux.Advertisements;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork.Advertisements;

/// <summary>
/// Tells guests that want it of their router and their /64, on one thread and by one socket for all of them. Both are there
/// from the first such guest on. When it ends nothing is taken back: what guests have been told holds for half an hour.
/// </summary>
internal sealed partial class RouterAdvertiser(TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private const int PrefixLength = 64; // RFC 4862 with identifiers of RFC 4291, appendix A

    // A guest that asks without end takes others' turns for this long at most, and no more of the processor than that.
    private const int MostAtATime = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly AdvertisementSchedule _schedule = new(clock, Random.Shared.NextDouble);
    private readonly ManualResetEventSlim _ending = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Attachment> _withdrawn = [];
    private AdvertisementSocket? _socket;
    private bool _warned;

    /// <summary>
    /// Takes over what attachments that are there now say; one that no longer wants to be told is told that once. On the
    /// network thread: the socket belongs to its namespace.
    /// </summary>
    internal void Put(IReadOnlyCollection<Attachment> attachments)
    {
        lock (_lock)
        {
            if (_schedule.Guests.Count == 0 && !attachments.Any(AdvertisementSchedule.Wants))
                return;
            foreach (var attachment in attachments)
            {
                if (AdvertisementSchedule.Wants(attachment))
                    _schedule.Put(attachment);
                else if (_schedule.Remove(attachment.Address) is { } former)
                    _withdrawn.Enqueue(former);
            }
            StartLocked();
        }
        _socket?.EndWait();
    }

    /// <summary>As <see cref="Put"/>, and no others than these.</summary>
    internal void Replace(IReadOnlyCollection<Attachment> attachments)
    {
        var kept = attachments.Select(attachment => attachment.Address).ToHashSet();
        lock (_lock)
            foreach (var address in _schedule.Guests.Where(address => !kept.Contains(address)).ToList())
                _schedule.Remove(address);
        Put(attachments);
    }

    /// <summary>Of attachments whose TAPs go.</summary>
    internal void Remove(IReadOnlyCollection<Attachment> attachments)
    {
        lock (_lock)
            foreach (var attachment in attachments)
                _schedule.Remove(attachment.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _ending.Set();
        if (_socket is { } socket)
        {
            socket.EndWait();
            await _ended.Task;
            socket.Dispose();
        }
        _ending.Dispose();
    }

    private void StartLocked()
    {
        if (_socket is not null)
            return;
        try
        {
            _socket = AdvertisementSocket.Open();
        }
        catch (Win32Exception refused)
        {
            if (!_warned)
                LogNoSocket(refused);
            _warned = true;
            return;
        }
        var socket = _socket;
        new Thread(() => Run(socket)) { IsBackground = true, Name = "router-advertisements" }.Start();
    }

    /// <summary>1. send what is due; 2. wait; 3. hear who asks.</summary>
    private void Run(AdvertisementSocket socket)
    {
        while (!_ending.IsSet)
        {
            // 1
            IReadOnlyList<Attachment> due;
            Attachment[] withdrawn;
            TimeSpan? next;
            lock (_lock)
            {
                due = _schedule.Take();
                next = _schedule.NextIn;
                withdrawn = [.. _withdrawn];
                _withdrawn.Clear();
            }
            foreach (var attachment in due)
                Send(socket, attachment, isWithdrawal: false);
            foreach (var attachment in withdrawn)
                Send(socket, attachment, isWithdrawal: true);

            // 2
            socket.Wait(next);

            // 3
            var heard = 0;
            while (heard < MostAtATime && socket.TryReceive(out var index))
            {
                heard++;
                if (index is { } from)
                    Hear(socket, from);
            }
            if (heard > 0)
                _ending.Wait(Pause);
        }
        _ended.SetResult();
    }

    private void Hear(AdvertisementSocket socket, int index)
    {
        // The name says which guest it is, whichever TAP it has by now.
        if (!HostNetworkMarks.TryReadTapName(socket.NameOf(index), out var address))
            return;
        lock (_lock)
            _schedule.Solicit(address);
    }

    private static void Send(AdvertisementSocket socket, Attachment attachment, bool isWithdrawal)
    {
        if (socket.Find(attachment.TapName) is not var (index, mtu))
            return;
        socket.Send(
            index,
            new RouterAdvertisement(
                HostNetworkMarks.RouterMac,
                HostNetworkMarks.Gateway6,
                Ipv6Network.Of(attachment.RoutedIpv6!.Value, PrefixLength),
                mtu,
                attachment.AdvertisedResolvers
            )
            {
                IsWithdrawal = isWithdrawal,
            }
        );
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Routers cannot be advertised to guests; they go without IPv6 unless they are told otherwise"
    )]
    private partial void LogNoSocket(Exception refused);
}
