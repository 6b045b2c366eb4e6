using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>
/// Who has which dedicated address and which port of the host, in memory; VMs' records say it, and this is rebuilt from them.
/// What a change takes is taken before it is stored, and what it gives back is free when that is stored and the kernel has it
/// no more: so no two VMs can have the same, whoever races and whatever fails.
/// </summary>
public sealed partial class ExternalDirectory(Func<ExternalSettings> settings, TimeProvider clock)
{
    /// <summary>Ended cool-downs that one commit clears away beside its own work.</summary>
    private const int ExpiredPerCommit = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<IpAddress, ExternalLease> _held = [];
    private readonly Dictionary<IpAddress, ExternalLease> _cooling = [];

    /// <summary>Stored as given back, and not settled yet: since when they cool.</summary>
    private readonly Dictionary<IpAddress, DateTimeOffset> _leaving = [];
    private readonly Dictionary<string, Owned> _ofVm = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _vmOfForward = new(StringComparer.Ordinal);
    private readonly HostPorts _ports = new();

    /// <summary>The configured one; live, but for the networks.</summary>
    internal ExternalSettings Settings => settings();

    /// <summary>Rebuilds who has what; nothing can be given before this has ended.</summary>
    /// <exception cref="InvalidDataException">Two VMs have the same.</exception>
    public void Load(StoreSnapshot snapshot)
    {
        lock (_lock)
        {
            var known = snapshot.ExternalLeases.ToDictionary(l => l.Address);
            foreach (var vm in snapshot.Vms.Where(v => v.External is not null).OrderBy(v => v.CreatedAt))
            {
                foreach (var address in vm.External!.Addresses())
                {
                    if (_held.TryGetValue(address, out var other))
                        throw Contradiction(vm, address.ToString(), other.Vm);
                    var since =
                        known.GetValueOrDefault(address) is { ReleasedAt: null } lease && lease.Vm == vm.Id
                            ? lease.Since
                            : vm.CreatedAt;
                    HoldLocked(new ExternalLease(address, vm.Id, since));
                }
                foreach (var forward in vm.External!.Forwards)
                {
                    if (_ports.Colliding(forward) is { } other)
                        throw Contradiction(vm, $"the forward {forward}", _vmOfForward[other.Id]);
                    HoldLocked(vm.Id, forward);
                }
            }
            foreach (var released in snapshot.ExternalLeases.Where(l => !_held.ContainsKey(l.Address)))
                _cooling[released.Address] = released with { ReleasedAt = released.ReleasedAt ?? clock.GetUtcNow() };
        }
    }

    /// <summary>
    /// Takes what VMs would get by a change, all of it or nothing, and makes what is to be stored with it. To be ended by
    /// <see cref="Commit"/> or <see cref="Revoke"/>.
    /// </summary>
    /// <param name="field">What the caller named the address in.</param>
    internal ExternalRefusal? TryBegin(
        IReadOnlyList<ExternalVmChange> changes,
        string field,
        out ExternalReservation reservation
    )
    {
        lock (_lock)
            return TryBeginLocked(changes, field, out reservation);
    }

    /// <summary>Whether <see cref="TryBegin"/> would refuse.</summary>
    internal ExternalRefusal? Check(IReadOnlyList<ExternalVmChange> changes, string field)
    {
        lock (_lock)
        {
            var refusal = TryBeginLocked(changes, field, out var reservation);
            if (refusal is null)
                RevokeLocked(reservation);
            return refusal;
        }
    }

    /// <summary>
    /// The change is stored. What it gave back stays with its VM until <see cref="Settle"/>: the kernel may have it yet.
    /// </summary>
    internal void Commit(ExternalReservation reservation)
    {
        lock (_lock)
        {
            foreach (var expired in reservation.Expired.Where(e => _cooling.GetValueOrDefault(e.Address) == e))
                _cooling.Remove(expired.Address);
            foreach (var lease in reservation.Moved)
            {
                DropLocked(lease.Address);
                HoldLocked(lease);
            }
            foreach (var address in reservation.Changes.SelectMany(c => c.After.Addresses()))
                _leaving.Remove(address);
            foreach (var lease in reservation.Lost)
                _leaving[lease.Address] = lease.ReleasedAt!.Value;
        }
    }

    /// <summary>The change is not stored.</summary>
    internal void Revoke(ExternalReservation reservation)
    {
        lock (_lock)
            RevokeLocked(reservation);
    }

    /// <summary>
    /// A VM has no more than this, neither in its record nor in the kernel: what else was its own is free now, addresses
    /// after their cool-down.
    /// </summary>
    internal void Settle(string vm, params ReadOnlySpan<ExternalAccess?> has)
    {
        lock (_lock)
        {
            if (!_ofVm.TryGetValue(vm, out var owned))
                return;
            HashSet<IpAddress> addresses = [];
            HashSet<string> forwards = [];
            foreach (var access in has)
            {
                addresses.UnionWith(access?.Addresses() ?? []);
                forwards.UnionWith(access?.Forwards.Select(f => f.Id) ?? []);
            }
            foreach (var address in owned.Addresses.Except(addresses).ToArray())
            {
                _leaving.Remove(address, out var leftAt);
                var lease = _held[address];
                DropLocked(address);
                _cooling[address] = lease with { ReleasedAt = leftAt == default ? clock.GetUtcNow() : leftAt };
            }
            foreach (var forward in owned.Forwards.Values.Where(f => !forwards.Contains(f.Id)).ToArray())
                DropLocked(vm, forward);
        }
    }

    private ExternalRefusal? TryBeginLocked(
        IReadOnlyList<ExternalVmChange> changes,
        string field,
        out ExternalReservation reservation
    )
    {
        var now = clock.GetUtcNow();
        reservation = new ExternalReservation(changes);
        foreach (var change in changes)
        foreach (var address in change.After.Addresses().Except(change.Before.Addresses()))
        {
            var giver = changes.FirstOrDefault(c => c != change && c.Before.Addresses().Contains(address));
            if (ReasonAgainstLocked(address, change.Vm, field, now, giver?.Vm) is { } refusal)
                return Undo(reservation, refusal);
            TakeLocked(reservation, address, change.Vm, giver?.Vm, now);
        }
        foreach (var change in changes)
        foreach (var forward in change.After.Forwards.Except(change.Before.Forwards))
        {
            if (_vmOfForward.GetValueOrDefault(forward.Id) == change.Vm)
                continue;
            if (_ports.Colliding(forward) is { } other)
                return Undo(
                    reservation,
                    new ExternalRefusal.PortInUse(
                        "hostPorts",
                        $"{forward} collides with the forward {other} ({other.Id}) of the VM {_vmOfForward[other.Id]}"
                    )
                );
            HoldLocked(change.Vm, forward);
            reservation.Ports.Add((change.Vm, forward));
        }
        var moved = reservation.Moved.Select(l => l.Address).ToHashSet();
        foreach (var change in changes)
        foreach (
            var address in change.Before.Addresses().Except(change.After.Addresses()).Where(a => !moved.Contains(a))
        )
            reservation.Lost.Add(
                (_held.GetValueOrDefault(address) ?? new ExternalLease(address, change.Vm, now)) with
                {
                    ReleasedAt = now,
                }
            );
        var until = now - Settings.Cooldown;
        reservation.Expired.AddRange(_cooling.Values.Where(l => l.ReleasedAt <= until).Take(ExpiredPerCommit));
        return null;

        ExternalRefusal Undo(ExternalReservation made, ExternalRefusal refusal)
        {
            RevokeLocked(made);
            return refusal;
        }
    }

    private void TakeLocked(
        ExternalReservation reservation,
        IpAddress address,
        string vm,
        string? giver,
        DateTimeOffset now
    )
    {
        if (giver is not null)
        {
            reservation.Moved.Add(new ExternalLease(address, vm, now));
            reservation.Givers[address] = giver;
        }
        else if (_held.TryGetValue(address, out var own))
        {
            // Its own, given back and not settled yet.
            reservation.TakenAgain.Add(own);
        }
        else
        {
            var lease = new ExternalLease(address, vm, now);
            reservation.Taken.Add((lease, _cooling.GetValueOrDefault(address)));
            _cooling.Remove(address);
            HoldLocked(lease);
        }
    }

    private void RevokeLocked(ExternalReservation reservation)
    {
        foreach (var (lease, cooled) in reservation.Taken)
        {
            DropLocked(lease.Address);
            if (cooled is not null)
                _cooling[lease.Address] = cooled;
        }
        foreach (var (vm, forward) in reservation.Ports)
            DropLocked(vm, forward);
    }

    private void HoldLocked(ExternalLease lease)
    {
        _held.Add(lease.Address, lease);
        OfLocked(lease.Vm).Addresses.Add(lease.Address);
    }

    private void HoldLocked(string vm, PortForward forward)
    {
        _ports.Add(forward);
        _vmOfForward.Add(forward.Id, vm);
        OfLocked(vm).Forwards.Add(forward.Id, forward);
    }

    private void DropLocked(IpAddress address)
    {
        if (!_held.Remove(address, out var lease))
            return;
        var owned = OfLocked(lease.Vm);
        owned.Addresses.Remove(address);
        ForgetIfNothingLocked(lease.Vm, owned);
    }

    private void DropLocked(string vm, PortForward forward)
    {
        _ports.Remove(forward);
        _vmOfForward.Remove(forward.Id);
        var owned = OfLocked(vm);
        owned.Forwards.Remove(forward.Id);
        ForgetIfNothingLocked(vm, owned);
    }

    private Owned OfLocked(string vm)
    {
        if (!_ofVm.TryGetValue(vm, out var owned))
            _ofVm[vm] = owned = new Owned();
        return owned;
    }

    private void ForgetIfNothingLocked(string vm, Owned owned)
    {
        if (owned.Addresses.Count + owned.Forwards.Count == 0)
            _ofVm.Remove(vm);
    }

    private static InvalidDataException Contradiction(VmRecord vm, string what, string other) =>
        new($"the store has {what} for the VM {vm.Id}, but the VM {other} has it as well");

    /// <summary>What one VM has, with what is being taken for it or away from it.</summary>
    private sealed class Owned
    {
        public HashSet<IpAddress> Addresses { get; } = [];

        public Dictionary<string, PortForward> Forwards { get; } = [];
    }
}
