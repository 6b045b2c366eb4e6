using MasterController.Core.External;
using MasterController.Core.Quotas;
using MasterController.Core.Store;

namespace MasterController.Core.Vms;

/// <summary>
/// Every VM in memory, by id, name and time of creation, and what they take of the host. A name and a share of the
/// limits are reserved before a VM exists, so that racing creates cannot both have the last of either.
/// </summary>
/// <param name="quotas">What owners may have, which is taken and given back with what the host has.</param>
internal sealed class VmRegistry(IStateStore store, QuotaLedger? quotas = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, VmEntry> _byId = [];
    private readonly Dictionary<string, string> _idByName = [];
    private readonly SortedSet<(DateTimeOffset CreatedAt, string Id)> _byCreation = [];
    private readonly Dictionary<string, VmShare> _shares = [];
    private long _totalMemoryMib;

    public IReadOnlyList<VmEntry> All
    {
        get
        {
            lock (_lock)
                return [.. _byId.Values];
        }
    }

    public VmEntry? Find(string idOrName)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault(idOrName)
                ?? (_idByName.TryGetValue(idOrName, out var id) ? _byId.GetValueOrDefault(id) : null);
        }
    }

    /// <summary>Takes the name and the limits for a VM to be; null when both could be had.</summary>
    /// <param name="leases">Addresses that its owner leases by its own name.</param>
    public VmOutcome? TryReserve(VmSpec spec, VmLimits limits, long leases = 0)
    {
        lock (_lock)
        {
            if (_idByName.TryGetValue(spec.Name, out var holder))
                return new VmOutcome.NameTaken(spec.Name, holder);
            if (limits.MaxVms > 0 && _idByName.Count >= limits.MaxVms)
            {
                return new VmOutcome.LimitReached(
                    "vms",
                    limits.MaxVms,
                    $"{_idByName.Count} VMs exist and vm.max_vms is {limits.MaxVms}"
                );
            }
            var share = new VmShare(spec.Owner, spec.Vcpus, spec.MemoryMib);
            if (MemoryRefusalLocked(share, limits) is { } refusal)
                return refusal;
            if (quotas?.TryTake(spec.Owner, UseOf(spec) + share.Use, leases) is { } exceeded)
                return new VmOutcome.QuotaExceeded(exceeded);
            TakeShareLocked(spec.Id, share);
            _idByName[spec.Name] = spec.Id;
            return null;
        }
    }

    /// <summary>Gives back what <see cref="TryReserve"/> took, when the VM did not come to be.</summary>
    public void Unreserve(VmSpec spec)
    {
        lock (_lock)
        {
            _idByName.Remove(spec.Name);
            quotas?.Give(spec.Owner, UseOf(spec));
            ReleaseShareLocked(spec.Id);
        }
    }

    /// <summary>
    /// For a VM that is to be started, and asked from within its <see cref="UpdateAsync"/>: a VM that runs takes memory
    /// and vCPUs, one that is stopped or failed does not.
    /// </summary>
    public VmOutcome? TryTakeMemory(VmRecord vm, VmLimits limits)
    {
        var share = ShareOf(vm);
        lock (_lock)
        {
            if (_shares.ContainsKey(vm.Id))
                return null;
            if (MemoryRefusalLocked(share, limits) is { } refusal)
                return refusal;
            if (quotas?.TryTake(vm.Owner, share.Use) is { } exceeded)
                return new VmOutcome.QuotaExceeded(exceeded);
            TakeShareLocked(vm.Id, share);
            return null;
        }
    }

    /// <summary>For a VM that has it already, whatever the limits say.</summary>
    public void TakeMemory(VmRecord vm)
    {
        var share = ShareOf(vm);
        lock (_lock)
        {
            if (_shares.ContainsKey(vm.Id))
                return;
            quotas?.Take(vm.Owner, share.Use);
            TakeShareLocked(vm.Id, share);
        }
    }

    /// <summary>Whether a VM of that status has a share of the host's memory.</summary>
    public static bool TakesMemory(VmRecord vm) => vm.Status is not (VmStatus.Stopped or VmStatus.Failed);

    public VmEntry Add(VmRecord record)
    {
        var entry = new VmEntry(record);
        lock (_lock)
        {
            _byId.Add(record.Id, entry);
            // One that was reserved is counted already.
            if (_idByName.TryAdd(record.Name, record.Id))
                quotas?.Take(record.Owner, UseOf(record));
            _byCreation.Add((record.CreatedAt, record.Id));
        }
        return entry;
    }

    /// <summary>Forgets a VM whose record has left the store.</summary>
    public void Remove(VmEntry entry)
    {
        lock (_lock)
        {
            _byId.Remove(entry.Record.Id);
            _idByName.Remove(entry.Record.Name);
            _byCreation.Remove((entry.Record.CreatedAt, entry.Record.Id));
            quotas?.Give(entry.Record.Owner, UseOf(entry.Record));
            ReleaseShareLocked(entry.Record.Id);
        }
        lock (entry.Lock)
            entry.DeletedLocked();
    }

    /// <summary>
    /// Changes a record in memory and in the store; null from <paramref name="change"/> refuses and leaves it as it
    /// is. Returns the record that holds now, and whether it was changed. <paramref name="alongside"/> goes into the
    /// same commit.
    /// </summary>
    /// <exception cref="StoreException">Neither memory nor store has changed.</exception>
    public async Task<(VmRecord Record, bool Changed)> UpdateAsync(
        VmEntry entry,
        Func<VmRecord, VmRecord?> change,
        params StoreChange[] alongside
    )
    {
        VmRecord before;
        VmRecord after;
        Task durable;
        lock (entry.Lock)
        {
            before = entry.Record;
            if (entry.Deleted || change(before) is not { } changed)
                return (before, false);
            after = changed;
            entry.ReplaceLocked(after);
            if (!TakesMemory(after))
                ReleaseMemory(after.Id);
            durable = store.CommitAsync([new StoreChange.VmSaved(after), .. alongside]);
        }
        try
        {
            await durable;
        }
        catch (StoreException)
        {
            lock (entry.Lock)
            {
                if (ReferenceEquals(entry.Record, after))
                {
                    entry.ReplaceLocked(before);
                    if (!TakesMemory(before))
                        ReleaseMemory(before.Id);
                    else if (!TakesMemory(after))
                        TakeMemory(before);
                }
            }
            throw;
        }
        return (after, true);
    }

    /// <summary>
    /// Changes several records in memory and in one commit, all or none: null from <paramref name="change"/>, which is told
    /// the record and its index, refuses all. Returns whether they were changed.
    /// </summary>
    /// <param name="putBack">
    /// Takes those that somebody else has changed meanwhile, where the commit fails: their records carry what was not stored.
    /// </param>
    /// <exception cref="StoreException">The store has not changed, nor has memory but for <paramref name="putBack"/>.</exception>
    public async Task<bool> UpdateAllAsync(
        IReadOnlyList<VmEntry> entries,
        Func<VmRecord, int, VmRecord?> change,
        StoreChange[] alongside,
        List<VmEntry> putBack
    )
    {
        VmEntry[] inOrder = [.. entries.OrderBy(e => e.Record.Id, StringComparer.Ordinal)];
        VmRecord[] before = new VmRecord[entries.Count];
        VmRecord[] after = new VmRecord[entries.Count];
        Task durable;
        EnterLocks();
        try
        {
            for (var i = 0; i < entries.Count; i++)
            {
                before[i] = entries[i].Record;
                if (entries[i].Deleted || change(before[i], i) is not { } changed)
                    return false;
                after[i] = changed;
            }
            for (var i = 0; i < entries.Count; i++)
                entries[i].ReplaceLocked(after[i]);
            durable = store.CommitAsync([.. after.Select(vm => new StoreChange.VmSaved(vm)), .. alongside]);
        }
        finally
        {
            ExitLocks();
        }
        try
        {
            await durable;
            return true;
        }
        catch (StoreException)
        {
            EnterLocks();
            try
            {
                for (var i = 0; i < entries.Count; i++)
                {
                    if (ReferenceEquals(entries[i].Record, after[i]))
                        entries[i].ReplaceLocked(before[i]);
                    else if (!entries[i].Deleted)
                        putBack.Add(entries[i]);
                }
            }
            finally
            {
                ExitLocks();
            }
            throw;
        }

        // One after the other by id, so that two who want the same cannot wait for each other.
        void EnterLocks() => Array.ForEach(inOrder, e => e.Lock.Enter());
        void ExitLocks() => Array.ForEach(inOrder, e => e.Lock.Exit());
    }

    /// <summary>In order of creation; the cursor is that of the last VM of the page before.</summary>
    public VmPage List(VmFilter filter, int limit, string? cursor)
    {
        var after = VmCursor.Parse(cursor);
        List<VmRecord> items = new(Math.Min(limit, 128));
        var total = 0;
        string? next = null;
        lock (_lock)
        {
            foreach (var key in _byCreation)
            {
                var vm = _byId[key.Id].Record;
                if (!filter.Matches(vm))
                    continue;
                total++;
                if (after is { } last && key.CompareTo(last) <= 0)
                    continue;
                if (items.Count < limit)
                    items.Add(vm);
                else
                    next ??= VmCursor.Format(items[^1]);
            }
        }
        return new VmPage(items, total, next);
    }

    private void ReleaseMemory(string id)
    {
        lock (_lock)
            ReleaseShareLocked(id);
    }

    private VmOutcome.LimitReached? MemoryRefusalLocked(VmShare share, VmLimits limits) =>
        limits.MaxMemoryMib > 0 && _totalMemoryMib + share.MemoryMib > limits.MaxMemoryMib
            ? new VmOutcome.LimitReached(
                "memory",
                limits.MaxMemoryMib,
                $"{share.MemoryMib} MiB wanted, {_totalMemoryMib} MiB in use and vm.max_memory_mib is {limits.MaxMemoryMib}"
            )
            : null;

    private void TakeShareLocked(string id, VmShare share)
    {
        _shares[id] = share;
        _totalMemoryMib += share.MemoryMib;
    }

    private void ReleaseShareLocked(string id)
    {
        if (!_shares.Remove(id, out var share))
            return;
        _totalMemoryMib -= share.MemoryMib;
        quotas?.Give(share.Owner, share.Use);
    }

    private static VmShare ShareOf(VmRecord vm) => new(vm.Owner, vm.Vcpus, vm.MemoryMib);

    /// <summary>What a VM has of its owner's quota whether it runs or not.</summary>
    private static QuotaUse UseOf(VmSpec spec) =>
        new(Vms: 1, Addresses: 1, DedicatedAddresses: spec.Ipv6.IsWanted ? 1 : 0);

    private static QuotaUse UseOf(VmRecord vm) =>
        new(Vms: 1, Addresses: 1, DedicatedAddresses: vm.External?.Addresses().Count() ?? 0);

    /// <summary>What a VM takes while it is not stopped.</summary>
    private readonly record struct VmShare(string? Owner, int Vcpus, int MemoryMib)
    {
        public QuotaUse Use => new(Vcpus: Vcpus, MemoryMib: MemoryMib);
    }
}
