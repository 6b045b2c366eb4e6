using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Vms;

namespace MasterController.Core.External;

public sealed partial class ExternalChanges
{
    /// <summary>
    /// Takes a change of the past back: what it gave goes, what it took comes back, where that is still as the change left
    /// it; what was changed besides since then stays. Refused with all that stands in the way.
    /// </summary>
    public async Task<ExternalOutcome> RollBackAsync(string changeId, bool isPlan, CancellationToken cancellationToken)
    {
        if (await history.ReadExternalChangeAsync(changeId, cancellationToken) is not { } change)
            return new ExternalOutcome.NotFound("change", changeId);
        if (!network.CanAttach)
            return new ExternalOutcome.NetworkModeNone();
        string[] gone =
        [
            .. change.Vms.Where(v => vms.Find(v.Vm) is null).Select(v => $"the VM {v.Name} ({v.Vm}) is gone"),
        ];
        if (gone.Length > 0)
            return new ExternalOutcome.Conflicts(changeId, gone);
        var survey = await external.SurveyExternalAsync(cancellationToken);
        directory.Know(survey);
        var listeners = await external.ReadListenersAsync(cancellationToken);
        // In the other order: what came to a VM last is taken from it first.
        string[] ids = [.. change.Vms.Reverse().Select(v => v.Vm)];
        var outcome = await ChangeAsync(
            ids,
            isPlan,
            records => PutBack(change, records, survey, listeners),
            cancellationToken
        );
        return outcome is ExternalOutcome.Refused refused
            ? new ExternalOutcome.Conflicts(changeId, [refused.Reason.Words])
            : outcome;
    }

    private static ExternalDecision PutBack(
        ExternalChange change,
        IReadOnlyList<VmRecord> records,
        ExternalSurvey survey,
        IReadOnlyList<HostListener> listeners
    )
    {
        List<string> inTheWay = [];
        List<ExternalVmChange> vmChanges = [];
        foreach (var vm in records)
        {
            var (before, made) = change.Vms.Where(v => v.Vm == vm.Id).Select(v => (v.Before, v.After)).Single();
            var back = PutBack(vm, before, made, inTheWay);
            foreach (var forward in back.Forwards.Except(AccessOf(vm).Forwards))
            {
                if (forward.HostAddress is { } address && !survey.HostIpv4.Contains(address))
                    inTheWay.Add($"{forward}: {address} is no longer an address of this host");
                if (
                    listeners.Any(l =>
                        l.Protocol == forward.Protocol
                        && forward.HostPorts.Contains(l.Port)
                        && ExternalDirectory.IsSamePlace(l.Address, forward.HostAddress)
                    )
                )
                    inTheWay.Add($"{forward}: a program of this host listens there");
            }
            vmChanges.Add(ExternalVmChange.Of(vm, back));
        }
        return inTheWay.Count > 0
            ? ExternalDecision.Refuse(new ExternalOutcome.Conflicts(change.Id, inTheWay))
            : new ExternalDecision(
                ExternalAction.Rollback,
                $"take back {change.Id}: {change.Summary}",
                AddressField,
                vmChanges
            );
    }

    private static ExternalAccess PutBack(
        VmRecord vm,
        ExternalAccess before,
        ExternalAccess made,
        List<string> inTheWay
    )
    {
        var now = AccessOf(vm);
        if (before.Ipv6 != made.Ipv6)
        {
            if (now.Ipv6 != made.Ipv6)
                inTheWay.Add($"the IPv6 address of {vm.Name} is {Shown(now.Ipv6)}, and was made {Shown(made.Ipv6)}");
            now = now with { Ipv6 = before.Ipv6 };
        }
        if (before.PublicIpv4 != made.PublicIpv4)
        {
            if (now.PublicIpv4 != made.PublicIpv4)
                inTheWay.Add(
                    $"the public IPv4 address of {vm.Name} is {Shown(now.PublicIpv4)}, and was made {Shown(made.PublicIpv4)}"
                );
            now = now with { PublicIpv4 = before.PublicIpv4 };
        }
        foreach (var opening in made.Open.Except(before.Open).Where(o => !now.Open.Contains(o)))
            inTheWay.Add($"{vm.Name} does not have {opening} open any more");
        var open = now.Open.Except(made.Open.Except(before.Open)).ToArray();
        foreach (var opening in before.Open.Except(made.Open).Where(o => open.Any(other => Overlap(o, other))))
            inTheWay.Add($"{vm.Name} has something of {opening.Service} open otherwise");
        foreach (var forward in made.Forwards.Except(before.Forwards).Where(f => !now.Forwards.Contains(f)))
            inTheWay.Add($"the forward {forward} ({forward.Id}) of {vm.Name} is gone");
        now = now with
        {
            Open =
            [
                .. open.Concat(before.Open.Except(made.Open)).OrderBy(o => o.Protocol).ThenBy(o => o.Ports?.First ?? 0),
            ],
            Forwards =
            [
                .. now.Forwards.Except(made.Forwards.Except(before.Forwards)),
                .. before.Forwards.Except(made.Forwards),
            ],
        };
        return now.ClosedWithoutAddress();
    }

    private static bool Overlap(Opening one, Opening other) =>
        one.Protocol == other.Protocol
        && (
            one.Ports is not { } ports
            || other.Ports is not { } others
            || (ports.First <= others.Last && others.First <= ports.Last)
        );

    private static string Shown<T>(T? address)
        where T : struct => address?.ToString() ?? "none";
}
