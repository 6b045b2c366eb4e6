using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

public sealed partial class ExternalDirectory
{
    private HashSet<Ipv6Address> _hostIpv6 = [];
    private HashSet<Ipv4Address> _hostIpv4 = [];

    /// <summary>The host's own addresses, and its routers', are never given to VMs.</summary>
    public void Know(ExternalSurvey survey)
    {
        lock (_lock)
        {
            _hostIpv6 = [.. survey.HostIpv6];
            _hostIpv4 = [.. survey.HostIpv4, .. survey.ReservedIpv4];
        }
    }

    /// <summary>
    /// Takes an IPv6 address for a VM that is to be, as <see cref="TryBegin"/> does: a wanted one, else the one that goes
    /// with its IPv4 address.
    /// </summary>
    /// <param name="advertised">The guest makes its address of its MAC by itself.</param>
    internal ExternalRefusal? TryLease(
        VmRecord vm,
        Ipv6Address? wanted,
        bool advertised,
        string field,
        out ExternalReservation reservation
    )
    {
        lock (_lock)
        {
            reservation = new ExternalReservation([]);
            var refusal = ChooseIpv6Locked(vm, wanted, advertised, field, out var address);
            return refusal
                ?? TryBeginLocked(
                    [ExternalVmChange.Of(vm, (vm.External ?? ExternalAccess.None) with { Ipv6 = address })],
                    field,
                    out reservation
                );
        }
    }

    /// <summary>The IPv6 address that a VM would be given; wanted, or that of its IPv4 address or its MAC.</summary>
    internal ExternalRefusal? ChooseIpv6(
        VmRecord vm,
        Ipv6Address? wanted,
        bool advertised,
        string field,
        out Ipv6Address address
    )
    {
        lock (_lock)
            return ChooseIpv6Locked(vm, wanted, advertised, field, out address);
    }

    /// <summary>The VM's own that cools, else the lowest that is free.</summary>
    internal ExternalRefusal? ChooseIpv4(string vm, string field, out Ipv4Address address)
    {
        var networks = Settings.Networks.Ipv4;
        address = default;
        if (networks.Count == 0)
            return new ExternalRefusal.NoneFree(
                field,
                $"there are no public IPv4 addresses: {ExternalSettings.Ipv4Key} is empty"
            );
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var own = _cooling
                .Values.Where(l => !l.Address.IsIpv6 && l.Vm == vm)
                .OrderByDescending(l => l.ReleasedAt)
                .Select(l => l.Address.Ipv4);
            foreach (var candidate in own.Concat(networks.OrderBy(n => n.Address).SelectMany(AddressesOf)))
            {
                if (ReasonAgainstLocked(candidate, vm, field, now, giver: null) is not null)
                    continue;
                address = candidate;
                return null;
            }
            return new ExternalRefusal.NoneFree(
                field,
                $"none of the public IPv4 addresses is free: {string.Join(", ", networks)}"
            );
        }
    }

    /// <summary>The lowest ports in a row that neither a forward nor a program has.</summary>
    internal ExternalRefusal? ChoosePorts(
        EgressProtocol protocol,
        Ipv4Address? hostAddress,
        int count,
        IReadOnlyCollection<HostListener> listeners,
        out PortRange ports
    )
    {
        var interval = Settings.ForwardPorts;
        var taken = listeners
            .Where(l => l.Protocol == protocol && IsSamePlace(l.Address, hostAddress))
            .Select(l => l.Port)
            .ToHashSet();
        lock (_lock)
        {
            var row = 0;
            for (int port = interval.First; port <= interval.Last; port++)
            {
                var isFree = !taken.Contains((ushort)port) && _ports.Find(protocol, hostAddress, (ushort)port) is null;
                row = isFree ? row + 1 : 0;
                if (row < count)
                    continue;
                ports = new PortRange((ushort)(port - count + 1), (ushort)port);
                return null;
            }
        }
        ports = default;
        return new ExternalRefusal.PortInUse(
            "hostPorts",
            count == 1
                ? $"no port of external.forward_ports, {interval}, is free"
                : $"no {count} ports in a row of external.forward_ports, {interval}, are free"
        );
    }

    /// <summary>
    /// Why such pools do not go with the configured networks, and the key of those; null where they do: all guests can have
    /// an IPv6 address of their own, and no public address is a guest's.
    /// </summary>
    internal (string Key, string Message)? ReasonAgainst(IReadOnlyCollection<PoolDefinition> pools)
    {
        var routed = pools.Where(p => p.Network != HostNetwork.NetworkMode.Bridge).SelectMany(NetworksOf);
        if (Settings.Mapping?.ReasonAgainst([.. routed]) is { } tooSmall)
            return (ExternalSettings.Ipv6Key, tooSmall);
        foreach (var pool in pools)
        foreach (var network in NetworksOf(pool))
        foreach (var other in Settings.Networks.Ipv4.Where(network.Overlaps))
            return (ExternalSettings.Ipv4Key, $"{other} overlaps {network} of the pool \"{pool.Name}\"");
        return null;

        static IEnumerable<Ipv4Network> NetworksOf(PoolDefinition pool) => pool.Ranges.Select(r => r.Network);
    }

    /// <summary>Whether two places of listening, null being every address, are or hold the same.</summary>
    internal static bool IsSamePlace(Ipv4Address? one, Ipv4Address? other) =>
        one is null || other is null || one == other;

    private ExternalRefusal? ChooseIpv6Locked(
        VmRecord vm,
        Ipv6Address? wanted,
        bool advertised,
        string field,
        out Ipv6Address address
    )
    {
        address = default;
        if (Settings.Mapping is not { } mapping)
            return new ExternalRefusal.Invalid(
                field,
                $"there is no prefix for IPv6: {ExternalSettings.Ipv6Key} is empty"
            );
        if (vm.NetworkMode == HostNetwork.NetworkMode.Bridge)
            return new ExternalRefusal.Invalid(
                field,
                $"the pool \"{vm.Pool}\" is in bridge mode; IPv6 needs a pool in routed mode"
            );
        var now = clock.GetUtcNow();
        Ipv6Address[] candidates;
        if (advertised)
        {
            var mac = VmRuntime.AttachmentOf(vm).Mac;
            if (mapping.OfAdvertised(mac) is not { } made)
                return new ExternalRefusal.Invalid(
                    field,
                    $"guests of the type \"{vm.Type}\" make their address of an advertised /64, and {ExternalSettings.Ipv6Key} is {mapping.Prefix}"
                );
            if (wanted is { } other && other != made)
                return new ExternalRefusal.Invalid(
                    field,
                    $"{other} is not what a guest of the type \"{vm.Type}\" makes of its MAC {mac}: {made}"
                );
            candidates = [made];
        }
        else
        {
            candidates = wanted is { } chosen ? [chosen] : [.. OwnIpv6Locked(vm.Id), .. mapping.Candidates(vm.Address)];
        }
        ExternalRefusal? first = null;
        foreach (var candidate in candidates)
        {
            if (ReasonAgainstLocked(candidate, vm.Id, field, now, giver: null) is { } refusal)
            {
                first ??= refusal;
                continue;
            }
            address = candidate;
            return null;
        }
        return first;
    }

    /// <summary>Given back by the same VM, and cooling: it gets that again.</summary>
    private IEnumerable<Ipv6Address> OwnIpv6Locked(string vm) =>
        _cooling
            .Values.Where(l => l.Address.IsIpv6 && l.Vm == vm)
            .OrderByDescending(l => l.ReleasedAt)
            .Select(l => l.Address.Ipv6);

    /// <summary>Why a VM cannot have an address; null where it can.</summary>
    /// <param name="giver">The VM that gives it away in the same change.</param>
    private ExternalRefusal? ReasonAgainstLocked(
        IpAddress address,
        string vm,
        string field,
        DateTimeOffset now,
        string? giver
    )
    {
        if (OutsideReason(address) is { } outside)
            return new ExternalRefusal.Invalid(field, outside);
        if (ReservedReasonLocked(address) is { } reserved)
            return new ExternalRefusal.Reserved(field, address, reserved);
        if (_held.TryGetValue(address, out var held) && held.Vm != vm && held.Vm != giver)
            return new ExternalRefusal.AddressInUse(field, address, held.Vm);
        return
            _cooling.TryGetValue(address, out var cooling)
            && cooling.Vm != vm
            && cooling.ReleasedAt + Settings.Cooldown is { } until
            && until > now
            ? new ExternalRefusal.Cooling(field, address, cooling.Vm, until)
            : null;
    }

    /// <summary>Why an address is none of those that VMs may have at all; null where it is.</summary>
    internal string? OutsideReason(IpAddress address)
    {
        var networks = Settings.Networks;
        if (address.IsIpv6)
        {
            return networks.Ipv6 is not { } prefix ? $"{address}: {ExternalSettings.Ipv6Key} is empty"
                : prefix.Contains(address.Ipv6) ? null
                : $"{address} is not in {ExternalSettings.Ipv6Key}, which is {prefix}";
        }
        return networks.Ipv4.Any(n => n.Contains(address.Ipv4)) ? null
            : networks.Ipv4.Count == 0 ? $"{address}: {ExternalSettings.Ipv4Key} is empty"
            : $"{address} is not in {ExternalSettings.Ipv4Key}, which is {string.Join(", ", networks.Ipv4)}";
    }

    private string? ReservedReasonLocked(IpAddress address)
    {
        if (address.IsIpv6)
        {
            return address.Ipv6 == Settings.Networks.Ipv6?.Address
                    ? "it means all routers of the subnet (RFC 4291, 2.6.1)"
                : _hostIpv6.Contains(address.Ipv6) ? "it belongs to this host or its router"
                : null;
        }
        var network = Settings.Networks.Ipv4.First(n => n.Contains(address.Ipv4));
        return HasEnds(network) && address.Ipv4 == network.Address ? $"it is the network address of {network}"
            : HasEnds(network) && address.Ipv4 == network.Last ? $"it is the broadcast address of {network}"
            : _hostIpv4.Contains(address.Ipv4) ? "it belongs to this host or its router"
            : null;
    }

    /// <summary>A /31 has no broadcast address (RFC 3021), and a /32 is one host.</summary>
    private static bool HasEnds(Ipv4Network network) => network.PrefixLength < 31;

    private static IEnumerable<Ipv4Address> AddressesOf(Ipv4Network network)
    {
        for (long value = network.Address.Value; value <= network.Last.Value; value++)
            yield return new Ipv4Address((uint)value);
    }
}
