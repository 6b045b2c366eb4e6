using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Linux.Processes;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.Recovery;

/// <summary>
/// Brings store, kernel and processes together when the controller starts:
/// (1) read the store; (2) find our processes; (3) take over pools, dedicated addresses, operations and VMs; (4) end processes and remove
/// directories that no VM claims; (5) make the host network as the running VMs need it, their own TAPs
/// aside, which are compared when VMs can be created again; (6) go on with what was half-done.
/// Nothing can be leased or created before (6), and running VMs are not touched by any of it.
/// </summary>
public sealed partial class ControllerRecovery(
    IStateStore store,
    PoolDirectory pools,
    PoolNetworks poolNetworks,
    OperationJournal operations,
    VmLifecycle vms,
    ExternalRecovery external,
    PoolOperations poolChanges,
    GatewayRetirement retirement,
    VmDirectories directories,
    IHostNetwork network,
    GoldenImage goldenImage,
    VmProcesses processes,
    HypervisorSelection hypervisors,
    ConsoleTrimming trimming,
    UtilisationSampler sampler,
    ApiKeyDirectory keys,
    AuditLog audit,
    BackgroundWork work,
    ILogger<ControllerRecovery> logger
)
{
    private const int FindTries = 6;
    private static readonly TimeSpan FindInterval = TimeSpan.FromMilliseconds(50);

    /// <param name="defaultPool">Created when the store has no pool of that name.</param>
    /// <param name="report">Is told what is being done, for whoever waits.</param>
    /// <exception cref="RecoveryException">The default pool, or what dedicated addresses come from, is not possible.</exception>
    /// <exception cref="HostNetworkException">The kernel refused; running VMs are as they were.</exception>
    public async Task RunAsync(PoolRequest defaultPool, Action<string> report, CancellationToken cancellationToken)
    {
        // 1
        report("reading the store");
        var snapshot = await store.LoadAsync(cancellationToken);

        // 2
        report("looking for VM processes");
        var found = await FindAsync(snapshot.Vms, cancellationToken);

        // 3
        pools.Load(snapshot);
        await pools.EndProofsAsync(cancellationToken);
        await external.TakeOverAsync(snapshot, cancellationToken);
        keys.Load(snapshot);
        audit.Load(snapshot);
        operations.Load(snapshot);
        poolChanges.Load(snapshot);
        hypervisors.Load(snapshot);
        if (pools.Find(defaultPool.Name) is null)
            await CreateAsync(defaultPool, cancellationToken);
        var claimed = Claim(found, snapshot.Vms);
        var attachments = vms.Adopt(snapshot, claimed);

        // 4
        foreach (var orphan in found.Where(p => !claimed.ContainsValue(p.Process)))
        {
            LogOrphanProcess(orphan.VmId, orphan.Process.Pid);
            await processes.KillAsync(orphan.Process, cancellationToken);
        }
        foreach (var vmId in directories.VmIds().Where(id => vms.Find(id) is null).ToArray())
        {
            LogOrphanDirectory(vmId);
            directories.Delete(vmId);
        }
        processes.ForgetAllBut(claimed.Keys);

        // 5
        report("taking the host network over");
        await network.TakeOverAsync(new DesiredNetwork(poolNetworks.Desired, attachments), cancellationToken);

        // 6
        report("going on with what was half-done");
        await poolChanges.GoOnAsync();
        await vms.GoOnAsync();
        retirement.Start();
        trimming.Start();
        sampler.Start();
        await goldenImage.ResumeAsync(work.Stopping);
        LogRecovered(snapshot.Vms.Count, claimed.Count, snapshot.Leases.Count);
    }

    /// <summary>
    /// A mark can be forged by any user, so a VM's process must also run as the VM's own, and a guest that has escaped
    /// runs as just that: so it must be the very process that the store knows, where it knows one. VMs at rest have none.
    /// </summary>
    private static Dictionary<string, ProcessIdentity> Claim(IReadOnlyList<VmProcess> found, IEnumerable<VmRecord> vms)
    {
        var byId = found.ToLookup(p => p.VmId);
        Dictionary<string, ProcessIdentity> claimed = [];
        foreach (var vm in vms.Where(v => v.Status is not (VmStatus.Stopped or VmStatus.Failed)))
        {
            var own = byId[vm.Id]
                .FirstOrDefault(p =>
                    p.Uid == HypervisorUser.Of(vm.Address) && (vm.Process is null || vm.Process == p.Process)
                );
            if (own is not null)
                claimed[vm.Id] = own.Process;
        }
        return claimed;
    }

    /// <summary>
    /// A process that was just being started when the former controller died is, for an instant, between two programs
    /// with no environment to read. Where one may be missing, it is looked for again.
    /// </summary>
    private async Task<IReadOnlyList<VmProcess>> FindAsync(
        IReadOnlyList<VmRecord> stored,
        CancellationToken cancellationToken
    )
    {
        string[] beingStarted =
        [
            .. stored.Where(v => v.Status is VmStatus.Creating or VmStatus.Starting).Select(v => v.Id),
        ];
        var found = processes.Find();
        for (var tries = 1; tries < FindTries && beingStarted.Except(found.Select(p => p.VmId)).Any(); tries++)
        {
            await Task.Delay(FindInterval, cancellationToken);
            found = processes.Find();
        }
        return found;
    }

    private async Task CreateAsync(PoolRequest request, CancellationToken cancellationToken)
    {
        var outcome = await pools.CreateAsync(request, cancellationToken);
        if (outcome is not PoolOutcome.Done)
            throw new RecoveryException(
                $"the configured pool \"{request.Name}\" cannot be made: {PoolRefusal.InWords(outcome)}"
            );
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Ending process {Pid}: its VM {VmId} is not in the store")]
    private partial void LogOrphanProcess(string vmId, int pid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Removing the directory of {VmId}, which is not in the store")]
    private partial void LogOrphanDirectory(string vmId);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Recovered: {Vms} VMs in the store, {Adopted} of them alive, {Leases} leases"
    )]
    private partial void LogRecovered(int vms, int adopted, int leases);
}
