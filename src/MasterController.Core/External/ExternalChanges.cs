using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.External;

/// <summary>
/// The one way in which it is changed how VMs are reached from outside: check, plan, one commit with the history, in force,
/// event. What is refused changes nothing.
/// </summary>
public sealed partial class ExternalChanges(
    ExternalDirectory directory,
    VmLifecycle vms,
    IHostNetwork network,
    IExternalNetwork external,
    IStateHistory history,
    ILogger<ExternalChanges> logger
)
{
    /// <summary>How often somebody else may be faster with the address or port that was chosen.</summary>
    private const int MostTries = 100;

    /// <param name="ids">The VMs that are to be changed; those that lose something first.</param>
    private async Task<ExternalOutcome> ChangeAsync(
        IReadOnlyList<string> ids,
        bool isPlan,
        Func<IReadOnlyList<VmRecord>, ExternalDecision> decide,
        CancellationToken cancellationToken
    )
    {
        if (!network.CanAttach)
            return new ExternalOutcome.NetworkModeNone();
        if (isPlan)
            return await PlanAsync(ids, decide, cancellationToken);
        for (var tries = 1; ; tries++)
        {
            var host = await PlannedAsync(ids, decide, cancellationToken);
            var (outcome, mayRetry) = await vms.ChangeExternalAsync(ids, decide);
            if (mayRetry && tries < MostTries)
                continue;
            return outcome is ExternalOutcome.Done { Id: not null } done ? done with { Host = host } : outcome;
        }
    }

    private async Task<ExternalOutcome> PlanAsync(
        IReadOnlyList<string> ids,
        Func<IReadOnlyList<VmRecord>, ExternalDecision> decide,
        CancellationToken cancellationToken
    )
    {
        List<VmRecord> records = [];
        foreach (var id in ids)
        {
            if (vms.Find(id) is not { } vm)
                return new ExternalOutcome.NotFound("VM", id);
            if (vm.Status == VmStatus.Deleting)
                return new ExternalOutcome.WrongState(vm, "be given or lose addresses and ports");
            records.Add(vm);
        }
        var decision = decide(records);
        if (decision.Refusal is { } refusal)
            return refusal;
        if (vms.QuotaAgainst(records, decision) is { } exceeded)
            return exceeded;
        if (directory.Check(decision.Vms, decision.Field) is { } taken)
            return new ExternalOutcome.Refused(taken);
        return new ExternalOutcome.Done(
            Id: null,
            Time: null,
            decision.Action,
            decision.Summary,
            IsPlan: true,
            decision.Vms,
            await HostChangesAsync(records, decision, cancellationToken)
        );
    }

    /// <summary>What a change that is about to be made does to the kernel; that it cannot be said does not keep it.</summary>
    private async Task<IReadOnlyList<HostChange>> PlannedAsync(
        IReadOnlyList<string> ids,
        Func<IReadOnlyList<VmRecord>, ExternalDecision> decide,
        CancellationToken cancellationToken
    )
    {
        VmRecord[] records = [.. ids.Select(vms.Find).OfType<VmRecord>()];
        if (records.Length < ids.Count || decide(records) is not { Refusal: null } decision)
            return [];
        try
        {
            return await HostChangesAsync(records, decision, cancellationToken);
        }
        catch (HostNetworkException failure)
        {
            LogNotPlanned(failure);
            return [];
        }
    }

    private async Task<IReadOnlyList<HostChange>> HostChangesAsync(
        IReadOnlyList<VmRecord> records,
        ExternalDecision decision,
        CancellationToken cancellationToken
    )
    {
        (Attachment? Before, Attachment? After)[] attached =
        [
            .. decision
                .Vms.Where(v => v.Before != v.After)
                .Select(v => (Vm: records.First(r => r.Id == v.Vm), v.After))
                .Select(v =>
                    (vms.AttachmentWith(v.Vm, v.Vm.External ?? ExternalAccess.None), vms.AttachmentWith(v.Vm, v.After))
                )
                .Where(a => a.Item1 is not null),
        ];
        return attached.Length == 0 ? [] : await external.PlanExternalAsync(attached, cancellationToken);
    }

    private static ExternalOutcome.Invalid Invalid(string field, string problem) =>
        new(new Dictionary<string, string[]> { [field] = [problem] });

    private static ExternalAccess AccessOf(VmRecord vm) => vm.External ?? ExternalAccess.None;

    [LoggerMessage(Level = LogLevel.Warning, Message = "What a change does to the kernel cannot be said")]
    private partial void LogNotPlanned(Exception failure);
}
