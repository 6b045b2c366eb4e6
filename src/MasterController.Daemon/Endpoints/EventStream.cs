using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using MasterController.Contracts;
using MasterController.Core.Events;
using MasterController.Daemon.Access;

namespace MasterController.Daemon.Endpoints;

/// <summary>
/// One caller's stream. Its headers go out at once, so that the caller knows it is subscribed before anything
/// happens, and a comment goes out when nothing has happened for a while, so that a dead caller is noticed.
/// </summary>
internal sealed class EventStream
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    private readonly HttpResponse _response;
    private readonly TimeProvider _clock;

    public EventStream(HttpResponse response, TimeProvider clock, CancellationToken aborted, CancellationToken stopping)
    {
        _response = response;
        _clock = clock;
        var ends = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping);
        response.RegisterForDispose(ends);
        Ends = ends.Token;
    }

    /// <summary>The caller hung up, or the controller stops.</summary>
    public CancellationToken Ends { get; }

    public async IAsyncEnumerable<SseItem<Event>> Items(
        IAsyncEnumerable<ControllerEvent> events,
        string? type,
        ScopedSubjects visible,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await using var source = events.GetAsyncEnumerator(cancellationToken);
        // Subscribes before the headers go out: what the caller does next cannot be missed.
        var next = source.MoveNextAsync().AsTask();
        await _response.Body.FlushAsync(cancellationToken);
        while (await NextAsync(next))
        {
            if (source.Current.IsOf(type) && visible.Has(source.Current.Subject))
                yield return EventEndpoints.Item(source.Current);
            next = source.MoveNextAsync().AsTask();
        }
    }

    /// <summary>Whether there is a next event; false at the end of the stream.</summary>
    private async Task<bool> NextAsync(Task<bool> next)
    {
        try
        {
            while (true)
            {
                try
                {
                    return await next.WaitAsync(Heartbeat, _clock, Ends);
                }
                catch (TimeoutException)
                {
                    await _response.Body.WriteAsync(Comment, Ends);
                    await _response.Body.FlushAsync(Ends);
                }
            }
        }
        catch (OperationCanceledException) when (Ends.IsCancellationRequested)
        {
            // The enumerator may only be disposed of when its pending step has ended; Ends ends that too.
            await next.ContinueWith(
                _ => { },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
            return false;
        }
    }
}
