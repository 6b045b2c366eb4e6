using System.Net.ServerSentEvents;
using System.Text.Json;
using MasterController.Contracts;
using MasterController.Dashboard.Api;

namespace MasterController.Dashboard.Live;

/// <summary>
/// What one key hears of the controller, for all circuits with that key: its events as they come, and its stats anew
/// after events and every few seconds. Connects again by itself, and goes on after the last event that it has heard.
/// </summary>
internal sealed class LiveFeed : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>A thousand VMs that are deleted are a thousand events; stats are asked for no more often than this.</summary>
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http;
    private readonly ControllerCalls _calls;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _ends = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly Task _running;
    private volatile LiveSnapshot _now = LiveSnapshot.Empty;
    private long? _lastEvent;

    public LiveFeed(ControllerSocket socket, string key, TimeProvider clock)
    {
        _http = socket.Client(key);
        _calls = new ControllerCalls(_http);
        _clock = clock;
        _running = Task.WhenAll(FollowAsync(), RefreshAsync());
    }

    public LiveSnapshot Now => _now;

    /// <summary>On any thread, as all of these.</summary>
    public event Action? Changed;

    public event Action<Event>? Happened;

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await _running;
        _http.Dispose();
        _ends.Dispose();
        _wanted.Dispose();
    }

    private async Task FollowAsync()
    {
        await Task.Yield();
        while (!_ends.IsCancellationRequested)
        {
            try
            {
                await using var stream = await _calls.StreamAsync("api/v1/events", _ends.Token, _lastEvent);
                var parser = SseParser.Create(
                    stream,
                    (_, data) => JsonSerializer.Deserialize(data, ContractsJson.Default.Event)
                );
                await foreach (var item in parser.EnumerateAsync(_ends.Token))
                {
                    if (item.Data is not { } happened)
                        continue;
                    _lastEvent = happened.Id;
                    Happened?.Invoke(happened);
                    Want();
                }
            }
            catch (OperationCanceledException) when (_ends.IsCancellationRequested)
            {
                return;
            }
            catch (Exception lost)
                when (lost
                        is ApiException
                            or ControllerUnreachableException
                            or IOException
                            or HttpRequestException
                            or JsonException
                )
            {
                // The refreshing beside it says so: it asks more often than events come.
            }
            await WaitAsync(Retry);
        }
    }

    private async Task RefreshAsync()
    {
        await Task.Yield();
        while (!_ends.IsCancellationRequested)
        {
            try
            {
                await AskAsync();
            }
            catch (OperationCanceledException) when (_ends.IsCancellationRequested)
            {
                return;
            }
            catch (ControllerUnreachableException lost)
            {
                Become(_now with { Lost = lost.Message });
            }
            catch (ApiException refused)
            {
                // 401: logged out, which each page finds out; 503: it is starting.
                Become(_now with { Lost = refused.Message });
            }
            await WaitAsync(AtMostEvery);
            Task wanted = _wanted.WaitAsync(Every - AtMostEvery, _ends.Token);
            await wanted.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync()
    {
        // A key stays what it is; where it may not read stats, asking who it is tells whether the controller is there.
        var me = _now is { Me: { } known, Refused: null }
            ? known
            : await _calls.GetAsync("api/v1/whoami", ContractsJson.Default.WhoAmI, _ends.Token);
        if (_now.Refused is not null)
        {
            Become(_now with { Me = me, At = _clock.GetUtcNow(), Lost = null });
            return;
        }
        try
        {
            var stats = await _calls.GetAsync("api/v1/stats?top=5", ContractsJson.Default.Stats, _ends.Token);
            var host = await _calls.GetAsync("api/v1/host", ContractsJson.Default.HostInfo, _ends.Token);
            Become(new LiveSnapshot(me, stats, host, _clock.GetUtcNow(), Lost: null, Refused: null));
        }
        catch (ApiException refused) when (refused.Status == StatusCodes.Status403Forbidden)
        {
            Become(new LiveSnapshot(me, null, null, _clock.GetUtcNow(), Lost: null, refused.Message));
        }
    }

    private void Become(LiveSnapshot snapshot)
    {
        _now = snapshot;
        Changed?.Invoke();
    }

    private void Want()
    {
        if (_wanted.CurrentCount == 0)
            _wanted.Release();
    }

    private async Task WaitAsync(TimeSpan time) =>
        await Task.Delay(time, _clock, _ends.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
