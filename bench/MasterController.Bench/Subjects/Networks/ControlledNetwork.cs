using System.Diagnostics;
using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using Microsoft.Extensions.Logging.Abstractions;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// What the controller does for a VM's address and place in the network, by its own code: lease and record durable in one
/// commit, then the attachment. Callers come one after the other with their next VM, as those of a busy host do.
/// </summary>
internal sealed class ControlledNetwork : IAsyncDisposable
{
    private const string Pool = "bench";

    private readonly SqliteStateStore _store;
    private readonly PoolDirectory _pools;
    private readonly VmRegistry _vms;
    private readonly RoutedHostNetwork _network;

    private ControlledNetwork(SqliteStateStore store, PoolDirectory pools, VmRegistry vms, RoutedHostNetwork network) =>
        (_store, _pools, _vms, _network) = (store, pools, vms, network);

    /// <summary>With a pool of which nothing is leased.</summary>
    public static async Task<ControlledNetwork> StartAsync(NetworkNamespace space, string file)
    {
        var store = SqliteStateStore.Open(file);
        var pools = await StoredPools.LoadAsync(store);
        await StoredPools.CreateAsync(pools, Pool, Places.Cidr, leases: 0);
        var network = await OpenAsync(space);
        await network.TakeOverAsync(Places.Desired([]), CancellationToken.None);
        return new ControlledNetwork(store, pools, new VmRegistry(store), network);
    }

    /// <summary>
    /// As a controller starts where another has left off, VM processes aside: the store is read, pools, VMs and host network
    /// are taken over, and then, while VMs can be created, the host is compared with what it should be.
    /// </summary>
    public static async Task<ControlledNetwork> RestartAsync(NetworkNamespace space, string file)
    {
        var began = Stopwatch.GetTimestamp();
        var store = SqliteStateStore.Open(file);
        var snapshot = await store.LoadAsync(CancellationToken.None);
        var pools = StoredPools.Of(store, snapshot);
        var vms = new VmRegistry(store);
        Attachment[] attachments = [.. snapshot.Vms.Select(vm => Places.At(vms.Add(vm).Record.Address))];
        var network = await OpenAsync(space);
        var changes = await network.TakeOverAsync(Places.Desired(attachments), CancellationToken.None);
        var taken = Stopwatch.GetElapsedTime(began);
        if (changes.Count > 0)
            throw new InvalidOperationException($"there was something to change: {changes[0]}");
        await CompareAsync(network);
        var compared = Stopwatch.GetElapsedTime(began);
        return new ControlledNetwork(store, pools, vms, network)
        {
            Count = attachments.Length,
            Started = [taken, compared],
        };
    }

    public int Count { get; private set; }

    /// <summary>After a restart: from its beginning until VMs can be created, and until the host was compared.</summary>
    public IReadOnlyList<TimeSpan> Started { get; private init; } = [];

    /// <summary>The full comparison once more, on a host that is as it should be.</summary>
    public async Task<TimeSpan> CompareAsync()
    {
        var began = Stopwatch.GetTimestamp();
        await CompareAsync(_network);
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task CompareAsync(RoutedHostNetwork network)
    {
        var observation = await network.ObserveAsync(ObservationScope.All, CancellationToken.None);
        if (observation.Differences.FirstOrDefault(difference => difference.IsOurs) is { } difference)
            throw new InvalidOperationException($"the host is not as it should be: {difference}");
    }

    /// <summary>Attaches VMs until there are so many. Says what passed at each thousand, from the beginning.</summary>
    /// <param name="callers">So many at the same time.</param>
    public async Task<IReadOnlyList<TimeSpan>> AttachToAsync(int count, int callers)
    {
        var (next, done) = (Count, Count);
        var marks = new List<TimeSpan>();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(RepeatAsync)));
        Count = count;
        return marks;

        async Task RepeatAsync()
        {
            while (Interlocked.Increment(ref next) <= count)
            {
                await AttachOneAsync();
                if (Interlocked.Increment(ref done) is var number && (number % 1000 == 0 || number == count))
                    lock (marks)
                        marks.Add(Stopwatch.GetElapsedTime(began));
            }
        }
    }

    /// <summary>One VM comes and goes: its attachment alone, without store and lease.</summary>
    public async Task<(TimeSpan Attach, TimeSpan Detach)> OneMoreAsync()
    {
        var attachment = Places.At(Places.Address(Count));
        var began = Stopwatch.GetTimestamp();
        await _network.AttachAsync(attachment, CancellationToken.None);
        var attached = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        await _network.DetachAsync(attachment, CancellationToken.None);
        return (attached, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>All VMs go at the same time, as far as the host network is concerned.</summary>
    public async Task<TimeSpan> DetachAllAsync()
    {
        var all = Attachments;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(all.Select(attachment => _network.DetachAsync(attachment, CancellationToken.None)));
        return Stopwatch.GetElapsedTime(began);
    }

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        _pools.Dispose();
        await _store.DisposeAsync();
    }

    private Attachment[] Attachments => [.. _vms.All.Select(entry => Places.At(entry.Record.Address))];

    private static Task<RoutedHostNetwork> OpenAsync(NetworkNamespace space) =>
        RoutedHostNetwork.OpenAsync(
            new HostNetworkOptions(NamespacePath: space.Path),
            NullLogger<RoutedHostNetwork>.Instance
        );

    private async Task AttachOneAsync()
    {
        var id = VmId.New();
        VmRecord? vm = null;
        var outcome = await _pools.LeaseAsync(
            Pool,
            id,
            wanted: null,
            lease => [new StoreChange.VmSaved(vm = Record(id, lease))],
            CancellationToken.None
        );
        if (outcome is not LeaseOutcome.Granted || vm is null)
            throw new InvalidOperationException(outcome.ToString());
        _vms.Add(vm);
        await _network.AttachAsync(Places.At(vm.Address), CancellationToken.None);
    }

    private static VmRecord Record(string id, Lease lease) =>
        new(
            id,
            Name: id,
            Type: "cli",
            Owner: null,
            Labels: new Dictionary<string, string>(),
            Image: "golden",
            Vcpus: 1,
            MemoryMib: 256,
            RestartPolicy.Never,
            lease.Pool,
            lease.Address,
            Places.Network,
            Places.Gateway,
            VmStatus.Running,
            StatusReason: null,
            Hypervisor: "firecracker",
            Process: null,
            TimeProvider.System.GetUtcNow(),
            StartedAt: null,
            ReadyAt: null,
            Restarts: 0
        );
}
