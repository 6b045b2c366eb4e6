using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

public sealed partial class ExternalChanges
{
    private const string AddressField = "address";

    /// <summary>
    /// Gives a VM a dedicated address: the named one, else one that is free. With <paramref name="move"/> it is taken from
    /// the VM that has it in the same commit.
    /// </summary>
    /// <param name="kind">"ipv4", as when null, or "ipv6".</param>
    public async Task<ExternalOutcome> AttachAddressAsync(
        string vm,
        string? address,
        string? kind,
        bool move,
        bool isPlan,
        CancellationToken cancellationToken
    )
    {
        IpAddress? wanted = null;
        if (kind is not (null or AddressKind.Ipv4 or AddressKind.Ipv6))
            return Invalid("kind", $"\"{kind}\" is not \"{AddressKind.Ipv4}\" or \"{AddressKind.Ipv6}\"");
        if (address is not null)
        {
            if (!IpAddress.TryParse(address, out var parsed))
                return Invalid(AddressField, $"\"{address}\" is neither an IPv4 nor an IPv6 address");
            if (kind is not null && kind != AddressKind.Of(parsed))
                return Invalid("kind", $"\"{kind}\" is not what {parsed} is");
            wanted = parsed;
        }
        else if (move)
        {
            return Invalid("move", "an address that is to be taken from another VM has to be named");
        }
        if (vms.Find(vm) is not { } found)
            return new ExternalOutcome.NotFound("VM", vm);
        if (!network.CanAttach)
            return new ExternalOutcome.NetworkModeNone();
        directory.Know(await external.SurveyExternalAsync(cancellationToken));

        var isIpv6 = wanted?.IsIpv6 ?? kind == AddressKind.Ipv6;
        for (var tries = 1; ; tries++)
        {
            var holder = move && wanted is { } moved ? directory.HolderOf(moved) : null;
            var outcome = await ChangeAsync(
                holder is null || holder == found.Id ? [found.Id] : [holder, found.Id],
                isPlan,
                records => Attach(records[^1], records.Count > 1 ? records[0] : null, wanted, isIpv6),
                cancellationToken
            );
            // Somebody else was given it, or the VM that had it was deleted.
            var isStale =
                move
                && wanted is { } again
                && outcome
                    is ExternalOutcome.Refused { Reason: ExternalRefusal.AddressInUse }
                        or ExternalOutcome.NotFound
                && directory.HolderOf(again) != holder;
            if (!isStale || tries >= MostTries)
                return outcome;
        }
    }

    /// <summary>Takes an address from a VM; it cools down.</summary>
    public async Task<ExternalOutcome> DetachAddressAsync(
        string vm,
        string address,
        bool isPlan,
        CancellationToken cancellationToken
    )
    {
        if (!IpAddress.TryParse(address, out var given))
            return Invalid(AddressField, $"\"{address}\" is neither an IPv4 nor an IPv6 address");
        if (vms.Find(vm) is not { } found)
            return new ExternalOutcome.NotFound("VM", vm);
        return await ChangeAsync([found.Id], isPlan, records => Detach(records[0], given), cancellationToken);
    }

    private ExternalDecision Attach(VmRecord vm, VmRecord? giver, IpAddress? wanted, bool isIpv6)
    {
        var access = AccessOf(vm);
        var has = access.Addresses().Where(a => a.IsIpv6 == isIpv6).Select(a => (IpAddress?)a).FirstOrDefault();
        if (has is { } present && (wanted is null || wanted == present))
            return new ExternalDecision(
                ExternalAction.AttachAddress,
                $"{vm.Name} has {present} already",
                AddressField,
                [ExternalVmChange.Of(vm, access)]
            );
        if (has is { } other)
            return ExternalDecision.Refuse(new ExternalRefusal.HasOther(AddressField, wanted!.Value, other, vm.Name));

        ExternalRefusal? refusal = null;
        if (giver is not null && !AccessOf(giver).Addresses().Contains(wanted!.Value))
            giver = null;
        if (isIpv6 && (giver is null || vm.NetworkMode == HostNetwork.NetworkMode.Bridge))
        {
            refusal = directory.ChooseIpv6(
                vm,
                wanted?.Ipv6,
                vms.Settings.AdvertisesRouter(vm),
                AddressField,
                out var ipv6
            );
            access = access with { Ipv6 = ipv6 };
        }
        else if (isIpv6)
        {
            if (vms.Settings.AdvertisesRouter(vm))
                return ExternalDecision.Invalid(
                    AddressField,
                    $"guests of the type \"{vm.Type}\" make their address by themselves: {wanted!.Value} cannot be moved to {vm.Name}"
                );
            access = access with { Ipv6 = wanted!.Value.Ipv6 };
        }
        else if (wanted is { } chosen)
        {
            access = access with { PublicIpv4 = chosen.Ipv4 };
        }
        else
        {
            refusal = directory.ChooseIpv4(vm.Id, AddressField, out var ipv4);
            access = access with { PublicIpv4 = ipv4 };
        }
        if (refusal is not null)
            return ExternalDecision.Refuse(refusal);

        var given = isIpv6 ? (IpAddress)access.Ipv6!.Value : (IpAddress)access.PublicIpv4!.Value;
        return new ExternalDecision(
            ExternalAction.AttachAddress,
            giver is null ? $"give {given} to {vm.Name}" : $"move {given} from {giver.Name} to {vm.Name}",
            AddressField,
            giver is null
                ? [ExternalVmChange.Of(vm, access)]
                : [ExternalVmChange.Of(giver, Without(AccessOf(giver), given)), ExternalVmChange.Of(vm, access)]
        )
        {
            IsChosen = wanted is null,
        };
    }

    private static ExternalDecision Detach(VmRecord vm, IpAddress address)
    {
        var access = AccessOf(vm);
        return access.Addresses().Contains(address)
            ? new ExternalDecision(
                ExternalAction.DetachAddress,
                $"take {address} from {vm.Name}",
                AddressField,
                [ExternalVmChange.Of(vm, Without(access, address))]
            )
            : ExternalDecision.Refuse(new ExternalOutcome.NotFound($"address of the VM {vm.Name}", address.ToString()));
    }

    private static ExternalAccess Without(ExternalAccess access, IpAddress address) =>
        (address.IsIpv6 ? access with { Ipv6 = null } : access with { PublicIpv4 = null }).ClosedWithoutAddress();
}
