using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Quotas;
using MasterController.Core.Recovery;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.LinuxTests.EndToEnd;
using Microsoft.Extensions.Logging.Abstractions;

namespace MasterController.LinuxTests.Vms;

/// <summary>A whole controller but for the kernel's network and the hypervisor; it can crash at any time.</summary>
internal sealed class Controller
{
    public const string Pool = "default";

    /// <summary>.2 to .14.</summary>
    private static readonly PoolRequest DefaultPool = new(
        Pool,
        [new RangeRequest("10.9.0.0/28")],
        Cooldown: TimeSpan.Zero
    );

    private readonly Life _life = new();
    private readonly Machine _machine;
    private readonly ControllerRecovery _recovery;
    private readonly CancellationTokenSource _listening = new();
    private readonly List<ControllerEvent> _happened = [];

    public Controller(Machine machine)
    {
        _machine = machine;
        var clock = machine.Clock;
        var store = _life.StoreOver(machine.Store);
        var network = machine.Network.For(_life);
        var images = new ImageCatalog(machine.Images);
        var events = new EventHub(clock);
        Work = new BackgroundWork(NullLogger<BackgroundWork>.Instance);
        Pools = new PoolDirectory(store, events, clock);
        Quotas = new QuotaLedger(store, () => machine.Quota);
        External = new ExternalDirectory(() => machine.External, clock);
        PoolNetworks = new PoolNetworks(Pools, network, External);
        Operations = new OperationJournal(store, events, clock);
        var console = new VmConsole(machine.Directories, clock);
        var runtime = new VmRuntime(
            network,
            machine.Hypervisor.For(_life),
            images,
            new VmDiskStore(),
            machine.Directories,
            machine.Processes,
            clock
        );
        Vms = new VmLifecycle(
            store,
            Pools,
            network,
            images,
            Operations,
            runtime,
            console,
            machine.Directories,
            machine.Processes,
            events,
            Work,
            clock,
            () => machine.Settings,
            External,
            Quotas,
            NullLogger<VmLifecycle>.Instance
        );
        ExternalChanges = new ExternalChanges(
            External,
            Vms,
            network,
            (IExternalNetwork)network,
            machine.Store,
            NullLogger<ExternalChanges>.Instance
        );
        var users = new GatewayUsers(Pools, () => Vms.All);
        var backups = new PoolBackups(machine["backups"], network);
        PoolChanges = new PoolOperations(
            store,
            Pools,
            PoolNetworks,
            new PoolPlanning(Pools, PoolNetworks, network, machine.Store, users, backups, External, clock),
            backups,
            new PoolProof(network, Pools, () => Vms.All),
            users,
            Operations,
            events,
            Work,
            clock,
            NullLogger<PoolOperations>.Instance
        );
        _recovery = new ControllerRecovery(
            store,
            Pools,
            PoolNetworks,
            Operations,
            Vms,
            new ExternalRecovery(External, Pools, network, (IExternalNetwork)network),
            PoolChanges,
            new GatewayRetirement(Pools, PoolChanges, events, Work, clock, NullLogger<GatewayRetirement>.Instance),
            machine.Directories,
            network,
            new GoldenImage(machine.Images, images, Operations, clock),
            machine.Processes,
            new HypervisorSelection(
                new HypervisorOptions(),
                machine.Processes,
                store,
                machine["probe"],
                clock,
                NullLogger<HypervisorSelection>.Instance
            ),
            new ConsoleTrimming(Vms, console, Work, clock, NullLogger<ConsoleTrimming>.Instance),
            new UtilisationSampler(
                Pools,
                store,
                new UtilisationHistory(machine.Store, clock),
                events,
                Work,
                clock,
                () => UtilisationSettings.Default,
                NullLogger<UtilisationSampler>.Instance
            ),
            new ApiKeyDirectory(store, clock),
            new AuditLog(store, NullLogger<AuditLog>.Instance),
            Work,
            NullLogger<ControllerRecovery>.Instance
        );
        _ = ListenAsync(events);
    }

    public VmLifecycle Vms { get; }

    public PoolDirectory Pools { get; }

    public QuotaLedger Quotas { get; }

    public PoolNetworks PoolNetworks { get; }

    public PoolOperations PoolChanges { get; }

    public ExternalDirectory External { get; }

    public ExternalChanges ExternalChanges { get; }

    public OperationJournal Operations { get; }

    public BackgroundWork Work { get; }

    public Task RecoverAsync() => _recovery.RunAsync(DefaultPool, _ => { }, CancellationToken.None);

    /// <summary>Nothing that this controller does from now on has an effect.</summary>
    public void Crash()
    {
        _life.End();
        _listening.Cancel();
        _ = Work.StopAsync(TimeSpan.Zero, TimeProvider.System);
    }

    public async Task<VmRecord> AcceptAsync(VmRequest request) =>
        Assert.IsType<VmOutcome.Accepted>(await Vms.CreateAsync(request, null, null)).Vm;

    /// <summary>Creates a VM and waits until it runs.</summary>
    public async Task<VmRecord> RunVmAsync(VmRequest? request = null) =>
        await StatusAsync((await AcceptAsync(request ?? new VmRequest())).Id, VmStatus.Running);

    /// <summary>Waits for a status of a VM.</summary>
    public async Task<VmRecord> StatusAsync(string id, VmStatus status)
    {
        await Eventually.TrueAsync(
            () => Vms.Find(id) is { } vm && vm.Status == status,
            $"{id} is {status}, but {Vms.Find(id)}"
        );
        return Vms.Find(id)!;
    }

    /// <summary>Waits until nothing is under way and the VM has that status.</summary>
    public Task EventuallyAsync(string id, VmStatus status) =>
        Eventually.TrueAsync(
            () => Vms.Find(id)?.Status == status && !Operations.List().Any(o => o.Subject == id && IsRunning(o)),
            $"{id} is {status} and settled"
        );

    /// <summary>
    /// Crashes at once, but not while disks are being made: a controller killed by a signal does not go on with them
    /// beside the next, and what is left of this one would.
    /// </summary>
    public async Task CrashBetweenFilesAsync()
    {
        await Eventually.TrueAsync(
            () =>
                !Operations
                    .List()
                    .Any(o => IsRunning(o) && o.Steps.Any(s => s is { Name: "disks", Status: not StepStatus.Done })),
            "no disks are being made"
        );
        Crash();
    }

    public Task GoneAsync(string id) => Eventually.TrueAsync(() => Vms.Find(id) is null, $"{id} is gone");

    /// <summary>The last operation on a subject, once it has ended.</summary>
    public async Task<Operation> EndedOperationAsync(string subject)
    {
        var last = Operations.List().First(o => o.Subject == subject);
        return (await Operations.WaitAsync(last.Id, TestContext.Current.CancellationToken))!;
    }

    public string[] EventsOf(string subject)
    {
        lock (_happened)
            return [.. _happened.Where(e => e.Subject == subject).Select(e => e.Type)];
    }

    /// <summary>Once nothing is under way, what the store has is what there is, and nothing is beside it.</summary>
    public async Task AssertConsistentAsync()
    {
        await Eventually.TrueAsync(
            () =>
                Vms.All.All(v => v.Status is VmStatus.Running or VmStatus.Stopped or VmStatus.Failed)
                && Operations.List().All(o => o.Status != OperationStatus.Running),
            "everything is settled"
        );
        await Eventually.TrueAsync(
            () => RunningIds().SequenceEqual(_machine.Processes.Find().Select(p => p.VmId).Order()),
            "a process for each running VM and no other"
        );
        var stored = await _machine.Store.LoadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Vms.All.OrderBy(v => v.Id).Select(Key), stored.Vms.OrderBy(v => v.Id).Select(Key));
        Assert.Equal(Vms.All.Select(v => v.Id).Order(), stored.Leases.Select(l => l.Owner).Order());
        Assert.DoesNotContain(stored.Operations, o => o.Status == OperationStatus.Running);
        Assert.Equal(
            Vms.All.Where(v => v.Status == VmStatus.Running).Select(v => v.Address.ToString()).Order(),
            _machine.Network.Attached
        );
        Assert.Subset(Vms.All.Select(v => v.Id).ToHashSet(), _machine.Directories.VmIds().ToHashSet());
        Assert.Equal(Vms.All.Count, Pools.Counts(Pool)!.Value.Used);

        // A VM's record, the directory, the store's rows and the kernel agree about who has which dedicated address.
        _machine.Network.AssertNoneTwice();
        var dedicated = Vms
            .All.SelectMany(v => (v.External ?? ExternalAccess.None).Addresses().Select(a => $"{a} {v.Id}"))
            .Order()
            .ToArray();
        Assert.Equal(dedicated, Held(External.Leases));
        Assert.Equal(dedicated, Held(stored.ExternalLeases));
        Assert.All(
            Vms.All.Where(v => v.Status == VmStatus.Running),
            v => Assert.Equal(v.External, _machine.Network.ExternalOf(v.Address.ToString()))
        );
        Assert.All(
            Vms.All,
            v => Assert.All(v.External?.Forwards ?? [], f => Assert.Equal(v.Id, External.HolderOf(f.Id)))
        );

        static IEnumerable<string> Held(IEnumerable<ExternalLease> leases) =>
            leases.Where(l => l.ReleasedAt is null).Select(l => $"{l.Address} {l.Vm}").Order();
        static string Key(VmRecord vm) => $"{vm.Id} {vm.Status} {vm.Address} {vm.Process}";
        IEnumerable<string> RunningIds() => Vms.All.Where(v => v.Status == VmStatus.Running).Select(v => v.Id).Order();
    }

    private static bool IsRunning(Operation operation) => operation.Status == OperationStatus.Running;

    private async Task ListenAsync(EventHub events)
    {
        try
        {
            await foreach (var happened in events.SubscribeAsync(afterId: 0, _listening.Token))
            {
                lock (_happened)
                    _happened.Add(happened);
            }
        }
        catch (OperationCanceledException)
        {
            // The controller has crashed.
        }
    }
}
