using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MasterController.Daemon.Hosting;

/// <summary>Connections over TCP at a time; more are closed, so that strangers cannot use up the process's descriptors.</summary>
internal static class ConnectionLimit
{
    public const int Most = 1000;

    public static void LimitConnections(this ListenOptions listener, int most = Most)
    {
        var open = 0;
        listener.Use(next =>
            async connection =>
            {
                try
                {
                    if (Interlocked.Increment(ref open) > most)
                        connection.Abort();
                    else
                        await next(connection);
                }
                finally
                {
                    Interlocked.Decrement(ref open);
                }
            }
        );
    }
}
