using MasterController.Cli.Api;

namespace MasterController.Cli.Commands;

/// <summary>Keeps a stream going over restarts of the daemon, for as long as one may take.</summary>
internal sealed class Reconnect(Session session)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private long? _lostAt;

    /// <summary>The stream is there again.</summary>
    public void Connected() => _lostAt = null;

    /// <returns>What <paramref name="stream"/> returned; false when the connection was lost, after a pause.</returns>
    /// <exception cref="IOException">It could not be had at all, or not again in time.</exception>
    public async Task<bool> TryAsync(Func<Task<bool>> stream, CancellationToken cancel)
    {
        var time = session.Terminal.Time;
        try
        {
            return await stream();
        }
        catch (IOException e)
            when (e is ConnectionLostException || (e is DaemonUnreachableException && _lostAt is not null))
        {
            _lostAt ??= time.GetTimestamp();
            if (time.GetElapsedTime(_lostAt.Value) > Limit)
            {
                throw;
            }

            await Task.Delay(Pause, time, cancel);
            return false;
        }
    }
}
