using MasterController.Core.HostNetwork.Policies;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    /// <summary>
    /// Gives a VM a policy of its own, in any status; null makes it follow its type. Durable first, then in force, also for
    /// flows that there are, when this returns; a VM that is being booted is waited for.
    /// </summary>
    /// <exception cref="HostNetwork.HostNetworkException">
    /// The kernel refused; the policy is stored, and the next comparison of the host network tries again.
    /// </exception>
    public async Task<VmOutcome> SetEgressAsync(string idOrName, EgressRequest? wish)
    {
        Dictionary<string, string[]> errors = [];
        var policy = wish?.Read((field, problem) => errors[field] = [problem]);
        if (errors.Count > 0)
            return new VmOutcome.Invalid(errors);
        if (_registry.Find(idOrName) is not { } entry)
            return new VmOutcome.NotFound(idOrName);
        var (vm, changed) = await UpdateAsync(
            entry,
            v => v.Status == VmStatus.Deleting ? null : v with { Egress = policy }
        );
        if (!changed)
            return new VmOutcome.WrongState(vm, "be given a policy");
        await PutInForceAsync(entry);
        events.Publish("vm.egress", vm.Id, policy is null ? $"{vm.Name} follows its type" : $"{vm.Name}: {policy}");
        return new VmOutcome.Accepted(entry.Record);
    }

    /// <summary>The policy that a VM has, and whether it is its own.</summary>
    public (EgressPolicy? Policy, bool IsOwn) EgressOf(VmRecord vm) => (Settings.EgressOf(vm), vm.Egress is not null);

    /// <summary>To be called when types have changed: running VMs that follow them get what they say now.</summary>
    public void FollowTypes() =>
        work.Run(
            "following the types",
            async () =>
            {
                foreach (var entry in _registry.All)
                    await UntilDoneAsync(entry, () => PutInForceAsync(entry));
            }
        );

    /// <summary>
    /// Through the gate: while it is held here, the VM's address cannot become another's, and what is booted meanwhile
    /// began with what was stored before.
    /// </summary>
    private async Task PutInForceAsync(VmEntry entry)
    {
        if (entry.Record.Status is not (VmStatus.Creating or VmStatus.Starting or VmStatus.Running))
            return;
        await entry.Gate.WaitAsync(work.Stopping);
        try
        {
            if (entry.Record.Status == VmStatus.Running)
                await network.ChangePolicyAsync(VmRuntime.AttachmentOf(entry.Record, Settings), CancellationToken.None);
        }
        finally
        {
            entry.Gate.Release();
        }
    }
}
