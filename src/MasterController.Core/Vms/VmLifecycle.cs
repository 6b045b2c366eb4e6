using MasterController.Core.Addressing;
using MasterController.Core.Events;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Operations;
using MasterController.Core.Quotas;
using MasterController.Core.Store;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.Vms;

/// <summary>
/// What callers may ask of VMs. A wish is checked and made durable before it is answered; the work that follows goes
/// on without the caller and is taken up by the next start if the controller dies.
/// </summary>
public sealed partial class VmLifecycle(
    IStateStore store,
    PoolDirectory pools,
    IHostNetwork network,
    ImageCatalog images,
    OperationJournal operations,
    VmRuntime runtime,
    VmConsole console,
    VmDirectories directories,
    VmProcesses processes,
    EventHub events,
    BackgroundWork work,
    TimeProvider clock,
    Func<VmSettings> settings,
    ExternalDirectory external,
    QuotaLedger quotas,
    ILogger<VmLifecycle> logger
)
{
    private readonly VmRegistry _registry = new(store, quotas);
    private readonly IdempotencyKeys _keys = new(clock);

    /// <summary>Asked for each wish, so that a change takes effect at once; what is under way keeps what it began with.</summary>
    internal VmSettings Settings => settings();

    public VmRecord? Find(string idOrName) => _registry.Find(idOrName)?.Record;

    /// <param name="limit">1 to 1000.</param>
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public VmPage List(VmFilter filter, int limit, string? cursor) => _registry.List(filter, limit, cursor);

    /// <summary>Every VM there is, in no order.</summary>
    public IReadOnlyList<VmRecord> All => [.. _registry.All.Select(e => e.Record)];

    /// <summary>
    /// Creates a VM. (1) Check; (2) reserve name and limits; (3) lease an address, and in the same commit store the
    /// VM, its operation and the caller's key; (4) answer, and boot in the background.
    /// </summary>
    /// <param name="requestHash">Of the request body; goes with <paramref name="idempotencyKey"/>.</param>
    public Task<VmOutcome> CreateAsync(VmRequest request, string? idempotencyKey, string? requestHash) =>
        idempotencyKey is null
            ? CreateOnceAsync(request, key: null)
            : _keys.OnceAsync(idempotencyKey, requestHash ?? "", Find, key => CreateOnceAsync(request, key));

    /// <summary>Boots a stopped or failed VM; one that runs already stays as it is.</summary>
    public async Task<VmOutcome> StartAsync(string idOrName)
    {
        if (_registry.Find(idOrName) is not { } entry)
            return new VmOutcome.NotFound(idOrName);
        if (entry.Record.Status == VmStatus.Running)
            return new VmOutcome.Accepted(entry.Record);
        return await BeginStartAsync(entry, countsAsRestart: false);
    }

    /// <summary>
    /// Asks the guest to end and forces it after <paramref name="timeout"/> (the configured time when null, at once
    /// when zero). A failed VM becomes a stopped one, which is no longer restarted.
    /// </summary>
    public async Task<VmOutcome> StopAsync(string idOrName, TimeSpan? timeout)
    {
        if (_registry.Find(idOrName) is not { } entry)
            return new VmOutcome.NotFound(idOrName);
        var (vm, changed) = await UpdateAsync(
            entry,
            v =>
                v.Status switch
                {
                    VmStatus.Running => v with { Status = VmStatus.Stopping, StatusReason = null },
                    VmStatus.Failed => v with { Status = VmStatus.Stopped },
                    _ => null,
                }
        );
        if (changed && vm.Status == VmStatus.Stopping)
            work.Run($"stopping {vm.Id}", () => FinishStopAsync(entry, timeout ?? Settings.StopTimeout));
        var comesBack =
            !changed && vm.Status == VmStatus.Stopping && operations.FindRunning(RestartKind, vm.Id) is not null;
        return vm.Status is VmStatus.Stopping or VmStatus.Stopped && !comesBack
            ? new VmOutcome.Accepted(vm)
            : new VmOutcome.WrongState(vm, "stop");
    }

    /// <summary>Stops a running VM and boots it again, with the same address and disks.</summary>
    public async Task<VmOutcome> RestartAsync(string idOrName, TimeSpan? timeout)
    {
        if (_registry.Find(idOrName) is not { } entry)
            return new VmOutcome.NotFound(idOrName);
        if (entry.Record.Status is VmStatus.Stopped or VmStatus.Failed)
            return await BeginStartAsync(entry, countsAsRestart: false);
        if (!network.CanAttach)
            return new VmOutcome.NetworkModeNone();
        if (ImageRefusal(entry.Record.Image) is { } refusal)
            return refusal;
        var run = operations.Begin(RestartKind, entry.Record.Id, [StopStep, .. VmRuntime.Steps]);
        var (vm, changed) = await UpdateWithRunAsync(
            entry,
            run,
            v => v.Status == VmStatus.Running ? v with { Status = VmStatus.Stopping, StatusReason = null } : null
        );
        if (!changed)
            return new VmOutcome.WrongState(vm, "restart");
        work.Run($"restarting {vm.Id}", () => FinishRestartAsync(entry, run, timeout ?? Settings.StopTimeout));
        return new VmOutcome.Accepted(vm);
    }

    /// <summary>Deletes a VM whatever it is doing, also while it is being created; its guest is not asked.</summary>
    public async Task<VmOutcome> DeleteAsync(string idOrName)
    {
        if (_registry.Find(idOrName) is not { } entry)
            return new VmOutcome.NotFound(idOrName);
        var (vm, changed) = await UpdateAsync(
            entry,
            v => v.Status == VmStatus.Deleting ? null : v with { Status = VmStatus.Deleting, StatusReason = null }
        );
        if (changed)
        {
            await entry.Doomed.CancelAsync();
            work.Run($"deleting {vm.Id}", () => FinishDeleteAsync(entry));
        }
        return new VmOutcome.Accepted(vm);
    }

    /// <summary>
    /// Waits until no work on a VM is under way, at most that long. The VM as it then is; null when it is gone.
    /// </summary>
    public async Task<VmRecord?> WaitSettledAsync(string id, TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (_registry.Find(id) is not { } entry)
            return null;
        using var deadline = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        while (true)
        {
            var (vm, deleted, changed) = entry.Look();
            if (deleted)
                return null;
            if (IsSettled(vm.Status))
                return vm;
            try
            {
                await changed.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return vm;
            }
        }
    }

    private static bool IsSettled(VmStatus status) => status is VmStatus.Running or VmStatus.Stopped or VmStatus.Failed;

    private VmOutcome? ImageRefusal(string image)
    {
        if (images.Find(image) is not null)
            return null;
        return operations.FindRunning(GoldenImage.OperationKind, image) is { } building
            ? new VmOutcome.ImageBuilding(image, building)
            : new VmOutcome.ImageMissing(image);
    }

    /// <summary>As <see cref="UpdateAsync"/>, storing an operation with it; refused or failed, there is none.</summary>
    private async Task<(VmRecord Vm, bool Changed)> UpdateWithRunAsync(
        VmEntry entry,
        OperationRun run,
        Func<VmRecord, VmRecord?> change
    )
    {
        var changed = false;
        try
        {
            (var vm, changed) = await UpdateAsync(entry, change, run.Record);
            return (vm, changed);
        }
        finally
        {
            if (!changed)
                operations.Abandon(run);
        }
    }

    /// <summary>As the registry does it, with an event for a new status.</summary>
    private async Task<(VmRecord Vm, bool Changed)> UpdateAsync(
        VmEntry entry,
        Func<VmRecord, VmRecord?> change,
        params StoreChange[] alongside
    )
    {
        var before = entry.Record.Status;
        var (vm, changed) = await _registry.UpdateAsync(entry, change, alongside);
        if (changed && vm.Status != before)
            Announce(vm);
        return (vm, changed);
    }

    private void Announce(VmRecord vm)
    {
        var status = VmStatusName.Of(vm.Status);
        events.Publish(
            $"vm.{status}",
            vm.Id,
            vm.StatusReason is null ? $"{vm.Name} {vm.Address}" : $"{vm.Name} {vm.Address}: {vm.StatusReason}",
            new Dictionary<string, string> { ["name"] = vm.Name, ["address"] = vm.Address.ToString() }
        );
        LogStatus(vm.Id, vm.Name, vm.Address.ToString(), status, vm.StatusReason);
    }
}
