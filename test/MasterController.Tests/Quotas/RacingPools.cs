using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.Store;
using MasterController.Tests.Store;

namespace MasterController.Tests.Quotas;

/// <summary>Pools p0, p1, …, each with addresses enough.</summary>
internal sealed class RacingPools : IAsyncDisposable
{
    public const int Count = 8;

    public RacingPools()
    {
        Pools = new PoolDirectory(new InMemoryStateStore(), new EventHub(TimeProvider.System), TimeProvider.System);
        Pools.Load(StoreSnapshot.Empty);
        for (var i = 0; i < Count; i++)
        {
            var request = new PoolRequest($"p{i}", [new RangeRequest($"10.0.{i}.0/24")]);
            Pools.CreateAsync(request, CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    public PoolDirectory Pools { get; }

    public ValueTask DisposeAsync()
    {
        Pools.Dispose();
        return ValueTask.CompletedTask;
    }
}
