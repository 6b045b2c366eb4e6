using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;

namespace MasterController.Core.External;

public sealed partial class ExternalChanges
{
    /// <summary>Opens a VM's dedicated addresses; a port that is open already is open to whom is named now.</summary>
    /// <param name="from">IPv4 and IPv6 networks; empty for everybody.</param>
    public async Task<ExternalOutcome> OpenAsync(
        string vm,
        IReadOnlyList<string>? services,
        IReadOnlyList<string>? from,
        bool isPlan,
        CancellationToken cancellationToken
    )
    {
        Dictionary<string, string[]> errors = [];
        var wanted = ReadServices(services, errors);
        var sources = ExternalText.ReadSources(
            from,
            "from",
            ipv4Only: null,
            (field, problem) => errors[field] = [problem]
        );
        if (errors.Count > 0)
            return new ExternalOutcome.Invalid(errors);
        if (vms.Find(vm) is not { } found)
            return new ExternalOutcome.NotFound("VM", vm);
        return await ChangeAsync([found.Id], isPlan, records => Open(records[0], wanted, sources!), cancellationToken);
    }

    public async Task<ExternalOutcome> CloseAsync(
        string vm,
        IReadOnlyList<string>? services,
        bool isPlan,
        CancellationToken cancellationToken
    )
    {
        Dictionary<string, string[]> errors = [];
        var wanted = ReadServices(services, errors);
        if (errors.Count > 0)
            return new ExternalOutcome.Invalid(errors);
        if (vms.Find(vm) is not { } found)
            return new ExternalOutcome.NotFound("VM", vm);
        return await ChangeAsync([found.Id], isPlan, records => Close(records[0], wanted), cancellationToken);
    }

    private static ExternalDecision Open(VmRecord vm, IReadOnlyList<Service> services, SourceNetworks from)
    {
        var access = AccessOf(vm);
        if (access is { Ipv6: null, PublicIpv4: null })
            return ExternalDecision.Refuse(
                new ExternalRefusal.NoneFree(
                    "services",
                    $"the VM {vm.Name} has neither a dedicated IPv6 nor a public IPv4 address that could be opened"
                )
            );
        var open = services.Aggregate(access.Open, (list, service) => OpeningList.With(list, service, from));
        if (OpeningList.Size(open) is var size and > Opening.MostPorts)
            return ExternalDecision.Invalid(
                "services",
                $"{size} ports would be open of one VM; at most {Opening.MostPorts}: \"all\" opens all of them"
            );
        return new ExternalDecision(
            ExternalAction.Open,
            $"open {string.Join(", ", services)} of {vm.Name} to {from}",
            "services",
            [ExternalVmChange.Of(vm, access with { Open = open })]
        );
    }

    private static ExternalDecision Close(VmRecord vm, IReadOnlyList<Service> services)
    {
        var access = AccessOf(vm);
        var open = services.Aggregate(access.Open, OpeningList.Without);
        for (var i = 0; i < services.Count; i++)
        {
            // It would go on being reached, and the caller would believe it closed.
            if (services[i].Protocol != EgressProtocol.Any && open.Any(o => o.Protocol == EgressProtocol.Any))
                return ExternalDecision.Invalid(
                    $"services[{i}]",
                    $"{services[i]} is open by \"all\"; close all, and open what is to stay"
                );
        }
        return new ExternalDecision(
            ExternalAction.Close,
            $"close {string.Join(", ", services)} of {vm.Name}",
            "services",
            [ExternalVmChange.Of(vm, access with { Open = open })]
        );
    }

    private static List<Service> ReadServices(IReadOnlyList<string>? texts, Dictionary<string, string[]> errors)
    {
        List<Service> services = [];
        if (texts is null or [])
            errors["services"] = [$"at least one is needed: {ExternalText.ServiceForm}"];
        for (var i = 0; i < (texts?.Count ?? 0); i++)
        {
            if (ExternalText.TryReadService(texts![i], out var service, out var error))
                services.Add(service);
            else
                errors[$"services[{i}]"] = [error];
        }
        return services;
    }
}
