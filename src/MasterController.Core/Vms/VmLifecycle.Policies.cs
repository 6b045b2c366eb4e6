using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    /// <summary>
    /// Gives a VM a policy of its own, in any status; null makes it follow its type. Durable first, then in force, also for
    /// flows that there are, when this returns; a VM that is being booted is waited for.
    /// </summary>
    public async Task<VmOutcome> SetEgressAsync(string idOrName, EgressRequest? wish)
    {
        Dictionary<string, string[]> errors = [];
        var policy = wish?.Read((field, problem) => errors[field] = [problem]);
        if (errors.Count > 0)
            return new VmOutcome.Invalid(errors);
        return await ChangeAsync(
            idOrName,
            vm => vm with { Egress = policy },
            "vm.egress",
            policy is null ? "follows its type" : $"{policy}"
        );
    }

    /// <summary>As <see cref="SetEgressAsync"/>, for how much the VM may send and be sent.</summary>
    public async Task<VmOutcome> SetRateLimitAsync(string idOrName, RateLimit? limit)
    {
        Dictionary<string, string[]> errors = [];
        if (limit?.Check((field, problem) => errors[field] = [problem]) == false)
            return new VmOutcome.Invalid(errors);
        return await ChangeAsync(
            idOrName,
            vm => vm with { RateLimit = limit },
            "vm.rate-limit",
            limit is null ? "follows its type" : $"{limit}"
        );
    }

    /// <summary>The policy that a VM has, and whether it is its own.</summary>
    public (EgressPolicy? Policy, bool IsOwn) EgressOf(VmRecord vm) => (Settings.EgressOf(vm), vm.Egress is not null);

    /// <summary>The limit that a VM has, and whether it is its own.</summary>
    public (RateLimit? Limit, bool IsOwn) RateLimitOf(VmRecord vm) =>
        (Settings.RateLimitOf(vm), vm.RateLimit is not null);

    /// <summary>To be called when types have changed: running VMs that follow them get what they say now.</summary>
    public void FollowTypes() =>
        work.Run(
            "following the types",
            async () =>
            {
                foreach (var entry in _registry.All)
                    await TryPutInForceAsync(entry);
            }
        );

    /// <summary>One that is refused is tried again beside the others; why it was, else null.</summary>
    private async Task<string?> TryPutInForceAsync(VmEntry entry)
    {
        try
        {
            await PutInForceAsync(entry);
            return null;
        }
        catch (HostNetworkException failure)
        {
            LogTryingAgain(failure, entry.Record.Id, RetryDelay.TotalSeconds);
            work.Run(
                $"policing {entry.Record.Id}",
                async () =>
                {
                    await Task.Delay(RetryDelay, clock, work.Stopping);
                    await UntilDoneAsync(entry, () => PutInForceAsync(entry));
                }
            );
            return failure.Message;
        }
    }

    private async Task<VmOutcome> ChangeAsync(
        string idOrName,
        Func<VmRecord, VmRecord> change,
        string told,
        string words
    )
    {
        if (_registry.Find(idOrName) is not { } entry)
            return new VmOutcome.NotFound(idOrName);
        var (vm, changed) = await UpdateAsync(entry, v => v.Status == VmStatus.Deleting ? null : change(v));
        if (!changed)
            return new VmOutcome.WrongState(vm, "be given a policy");
        var refusal = await TryPutInForceAsync(entry);
        events.Publish(told, vm.Id, $"{vm.Name}: {words}");
        return refusal is null ? new VmOutcome.Accepted(entry.Record) : new VmOutcome.NotInForce(entry.Record, refusal);
    }

    /// <summary>
    /// Through the gate: while it is held here, the VM's address cannot become another's, and what is booted meanwhile
    /// began with what was stored before.
    /// </summary>
    private async Task PutInForceAsync(VmEntry entry)
    {
        if (entry.Record.Status is not (VmStatus.Creating or VmStatus.Starting or VmStatus.Running))
        {
            // Attached no more, or not before whoever stops it lets go of the gate: then there is somebody who waits for it.
            if (entry.Record.Status is VmStatus.Stopped or VmStatus.Failed)
                await SettleGatedAsync(entry, inKernel: null);
            return;
        }
        await entry.Gate.WaitAsync(work.Stopping);
        try
        {
            var vm = entry.Record;
            if (vm.Status == VmStatus.Running)
                await network.UpdateAsync(runtime.AttachmentOf(vm, Settings), CancellationToken.None);
            if (vm.Status is VmStatus.Running or VmStatus.Stopped or VmStatus.Failed)
                await SettleGatedAsync(entry, vm.Status == VmStatus.Running ? vm.External : null);
            else if (vm.Status == VmStatus.Stopping)
                work.Run($"freeing addresses of {vm.Id}", () => SettleAfterStopAsync(entry));
            if (vm.Status != VmStatus.Running)
                return;
            await runtime.LimitAsync(vm, Settings);
        }
        finally
        {
            entry.Gate.Release();
        }
    }
}
