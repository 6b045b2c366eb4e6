using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MasterController.Daemon.Hosting;

/// <summary>Connections at a time; more are closed, so that strangers cannot use up the process's descriptors.</summary>
internal static class ConnectionLimit
{
    /// <param name="groupOf">Whose connections are counted together; null for one that is not counted.</param>
    public static void LimitConnections(this ListenOptions listener, int most, Func<ConnectionContext, uint?> groupOf)
    {
        var counts = new OpenConnections(most);
        listener.Use(next =>
            async connection =>
            {
                if (groupOf(connection) is not { } group)
                {
                    await next(connection);
                    return;
                }
                if (!counts.TryAdd(group))
                {
                    connection.Abort();
                    return;
                }
                try
                {
                    await next(connection);
                }
                finally
                {
                    counts.Remove(group);
                }
            }
        );
    }

    private sealed class OpenConnections(int most)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<uint, int> _counts = [];

        public bool TryAdd(uint group)
        {
            lock (_lock)
            {
                var open = _counts.GetValueOrDefault(group);
                if (open >= most)
                    return false;
                _counts[group] = open + 1;
                return true;
            }
        }

        public void Remove(uint group)
        {
            lock (_lock)
            {
                if (--_counts[group] == 0)
                    _counts.Remove(group);
            }
        }
    }
}
