using MasterController.Core.HostNetwork;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Linux.Processes;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    /// <summary>
    /// Takes over the VMs of the store. Those whose process is alive are adopted; their attachments are what the host
    /// network has to keep. Everything half-done is left for <see cref="GoOnAsync"/>.
    /// </summary>
    internal IReadOnlyList<Attachment> Adopt(
        StoreSnapshot snapshot,
        IReadOnlyDictionary<string, ProcessIdentity> processes
    )
    {
        _keys.Load(snapshot);
        List<Attachment> kept = [];
        foreach (var stored in snapshot.Vms)
        {
            ProcessIdentity? process = processes.TryGetValue(stored.Id, out var found) ? found : null;
            var entry = _registry.Add(stored with { Process = process });
            if (VmRegistry.TakesMemory(stored))
                _registry.TakeMemory(stored);
            if (process is not null && stored.Status is VmStatus.Running or VmStatus.Stopping)
                kept.Add(runtime.AttachmentOf(entry.Record, Settings));
        }
        return kept;
    }

    /// <summary>Finishes or undoes what a former controller left half-done, and watches what runs.</summary>
    internal async Task GoOnAsync()
    {
        await CloseOperationsAsync();
        foreach (var entry in _registry.All)
        {
            var vm = entry.Record;
            switch (vm.Status)
            {
                case VmStatus.Running when vm.Process is { } process:
                    work.Run($"watching {vm.Id}", () => WatchAsync(entry, process));
                    // The kernel has been told what types say now.
                    if (runtime.IsLimitedByHypervisor(vm))
                        work.Run($"limiting {vm.Id}", () => UntilDoneAsync(entry, () => PutInForceAsync(entry)));
                    if (vm.ReadyAt is null)
                        work.Run($"awaiting {vm.Id}", () => AwaitReadyAsync(entry, process, isNew: false));
                    break;
                case VmStatus.Running:
                    await EndedByItselfAsync(entry, ProcessExit.Unknown);
                    break;
                case VmStatus.Creating:
                    await BootAgainAsync(entry, CreateKind);
                    break;
                case VmStatus.Starting:
                    await BootAgainAsync(entry, StartKind, RestartKind);
                    break;
                case VmStatus.Stopping when operations.FindRunning(RestartKind, vm.Id) is { } restart:
                    var run = operations.Resume(restart);
                    work.Run($"restarting {vm.Id}", () => FinishRestartAsync(entry, run, Settings.StopTimeout));
                    break;
                case VmStatus.Stopping:
                    work.Run($"stopping {vm.Id}", () => FinishStopAsync(entry, Settings.StopTimeout));
                    break;
                case VmStatus.Deleting:
                    await entry.Doomed.CancelAsync();
                    work.Run($"deleting {vm.Id}", () => FinishDeleteAsync(entry));
                    break;
                case VmStatus.Failed:
                    AfterFailure(entry, vm, ran: true);
                    break;
                case VmStatus.Stopped:
                    break;
            }
        }
    }

    /// <summary>
    /// Ends operations whose VM had come to rest when the controller was killed, in the instant before they were ended
    /// themselves.
    /// </summary>
    private async Task CloseOperationsAsync()
    {
        HashSet<string> goingOn = [];
        // Newest first: an older one of the same VM had come to its end before that began.
        foreach (var operation in operations.List().Where(o => o.Status == OperationStatus.Running))
        {
            if (operation.Kind is not (CreateKind or StartKind or RestartKind))
                continue;
            var run = operations.Resume(operation);
            switch (_registry.Find(operation.Subject)?.Record)
            {
                case null or { Status: VmStatus.Deleting }:
                    await run.RolledBackAsync(DeletedMeanwhile);
                    break;
                case { } vm when IsGoneOnWith(operation.Kind, vm.Status) && goingOn.Add(vm.Id):
                    break;
                case { Status: VmStatus.Failed } failed:
                    await run.RolledBackAsync(failed.StatusReason ?? "");
                    break;
                case { StartedAt: null }:
                    await run.RolledBackAsync("it was tried again");
                    break;
                default:
                    await run.SucceedAsync();
                    break;
            }
        }
    }

    private static bool IsGoneOnWith(string kind, VmStatus status) =>
        status switch
        {
            VmStatus.Creating => kind == CreateKind,
            VmStatus.Starting => kind is StartKind or RestartKind,
            VmStatus.Stopping => kind == RestartKind,
            _ => false,
        };

    /// <summary>
    /// Nobody was told that this boot had succeeded, so a process that it left is ended and the boot begins anew.
    /// </summary>
    private async Task BootAgainAsync(VmEntry entry, params string[] kinds)
    {
        var vm = entry.Record;
        if (vm.Process is not null)
        {
            await runtime.TakeDownAsync(vm, TimeSpan.Zero, CancellationToken.None);
            await UpdateAsync(entry, v => v with { Process = null });
        }
        var left = kinds.Select(kind => operations.FindRunning(kind, vm.Id)).FirstOrDefault(o => o is not null);
        var run = left is null ? operations.Begin(kinds[0], vm.Id, VmRuntime.Steps) : operations.Resume(left);
        work.Run($"booting {vm.Id}", () => BootAsync(entry, run));
    }
}
