using System.Collections.Concurrent;
using MasterController.Linux.Netfilter;
using MasterController.Linux.Netlink;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork.Connections;

/// <summary>
/// Makes the kernel forget the tracked connections of addresses, so that an address's next owner inherits nothing. The
/// kernel walks its whole table for that, so it is done beside the network thread, and for all who wait at once.
/// </summary>
internal sealed partial class ConnectionTable : IAsyncDisposable
{
    private readonly BlockingCollection<Wish> _wishes = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConntrackSocket _socket;
    private readonly ILogger _logger;
    private bool _warned;

    /// <param name="socket">Of the namespace that is meant; it is disposed of with this.</param>
    internal ConnectionTable(ConntrackSocket socket, ILogger logger)
    {
        _socket = socket;
        _logger = logger;
        new Thread(Run) { IsBackground = true, Name = "connection-table" }.Start();
    }

    /// <summary>
    /// Ends when none of these connections is remembered. A kernel that cannot do it is warned of once, and then the
    /// connections end by their timeouts.
    /// </summary>
    internal Task ForgetAsync(ConnectionsOf connections)
    {
        var wish = new Wish(connections, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            _wishes.Add(wish);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(ConnectionTable));
        }
        return wish.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _wishes.CompleteAdding();
        await _ended.Task;
        _wishes.Dispose();
        _socket.Dispose();
    }

    private void Run()
    {
        foreach (var first in _wishes.GetConsumingEnumerable())
        {
            List<Wish> waiting = [first];
            while (_wishes.TryTake(out var more))
                waiting.Add(more);
            Forget(waiting.ConvertAll(wish => wish.Connections));
            foreach (var wish in waiting)
                wish.Done.SetResult();
        }
        _ended.SetResult();
    }

    private void Forget(List<ConnectionsOf> connections)
    {
        try
        {
            _socket.Delete(connections);
        }
        catch (NetlinkException exception)
        {
            if (!_warned)
                LogCannotForget(exception.Message);
            _warned = true;
        }
    }

    private readonly record struct Wish(ConnectionsOf Connections, TaskCompletionSource Done);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Tracked connections of addresses that are given back cannot be deleted; they end by their timeouts: {Problem}"
    )]
    private partial void LogCannotForget(string problem);
}
