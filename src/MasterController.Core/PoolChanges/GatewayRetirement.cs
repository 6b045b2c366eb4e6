using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.HostNetwork;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.PoolChanges;

/// <summary>Gives up former gateways when the last guest that was told of them has gone or booted anew.</summary>
public sealed partial class GatewayRetirement(
    PoolDirectory pools,
    PoolOperations changes,
    EventHub events,
    BackgroundWork work,
    TimeProvider clock,
    ILogger<GatewayRetirement> logger
)
{
    /// <summary>VMs come and go by hundreds; looking once for all of them is enough.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public void Start() => work.Run("retiring gateways", RunAsync);

    private async Task RunAsync()
    {
        // Subscribed before the first look, so that nothing is missed in between.
        await using var happened = events
            .SubscribeAsync(afterId: null, work.Stopping)
            .GetAsyncEnumerator(work.Stopping);
        var next = happened.MoveNextAsync().AsTask();
        while (true)
        {
            var postponed = await RetireAsync();
            while (!postponed)
            {
                await next;
                var mayEndUse =
                    happened.Current.Type is var type
                    && (type.StartsWith("vm.") || type.StartsWith("lease.") || type.StartsWith("pool."));
                next = happened.MoveNextAsync().AsTask();
                if (mayEndUse)
                    break;
            }
            await Task.Delay(Pause, clock, work.Stopping);
        }
    }

    /// <summary>True when one has to wait for another change of its pool.</summary>
    private async Task<bool> RetireAsync()
    {
        var postponed = false;
        foreach (var pool in pools.Pools.Where(p => p.KeptGateways.Count > 0))
        {
            try
            {
                postponed |= !await changes.TryRetireGatewaysAsync(pool.Name);
            }
            catch (Exception failure)
                when (failure is HostNetworkException or StoreException or PoolChangeFailedException)
            {
                LogPostponed(failure, pool.Name);
                postponed = true;
            }
        }
        return postponed;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pool {Pool}: a gateway could not be given up yet")]
    private partial void LogPostponed(Exception failure, string pool);
}
