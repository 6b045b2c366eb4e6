using System.Diagnostics.CodeAnalysis;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// What the host network should be at this moment, as the calls have told it. Written by the network thread before it
/// touches the kernel, read by others: whoever compares it with the kernel takes a <see cref="DesiredWatch"/>, and so knows
/// what changed meanwhile.
/// </summary>
internal sealed class DesiredState
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Ipv4Address, Attachment> _attachments = [];
    private readonly List<DesiredWatch> _watches = [];
    private IReadOnlyList<PoolNetwork> _networks = [];

    internal IReadOnlyList<PoolNetwork> Networks
    {
        get
        {
            lock (_lock)
                return _networks;
        }
        set
        {
            lock (_lock)
            {
                _networks = value;
                foreach (var watch in _watches)
                    watch.SeeNetworks();
            }
        }
    }

    /// <summary>Where an attachment names no gateway, its route prefers the lowest that there is.</summary>
    internal Ipv4Address? FallbackSource => FallbackSourceOf(Networks);

    internal static Ipv4Address? FallbackSourceOf(IReadOnlyList<PoolNetwork> networks)
    {
        var gateways = networks.SelectMany(network => network.Gateways).ToList();
        return gateways.Count > 0 ? gateways.Min() : null;
    }

    internal void Add(IReadOnlyList<Attachment> attachments)
    {
        lock (_lock)
            foreach (var attachment in attachments)
                SetLocked(attachment);
    }

    /// <summary>Takes over what attachments now name, of those that there are; gives these.</summary>
    internal IReadOnlyList<Attachment> Update(IReadOnlyList<Attachment> attachments)
    {
        lock (_lock)
        {
            List<Attachment> present = [.. attachments.Where(item => _attachments.ContainsKey(item.Address))];
            foreach (var attachment in present.Where(item => _attachments[item.Address] != item))
                SetLocked(attachment);
            return present;
        }
    }

    internal void Remove(IReadOnlyList<Attachment> attachments)
    {
        lock (_lock)
            foreach (var attachment in attachments)
            {
                _attachments.Remove(attachment.Address);
                SeeLocked(attachment.Address);
            }
    }

    /// <summary>These and no others.</summary>
    internal void Replace(IReadOnlyCollection<Attachment> attachments)
    {
        lock (_lock)
        {
            foreach (var watch in _watches)
                watch.SeeAll();
            _attachments.Clear();
            _attachments.EnsureCapacity(attachments.Count);
            foreach (var attachment in attachments)
                _attachments[attachment.Address] = attachment;
        }
    }

    internal bool TryGet(Ipv4Address address, [NotNullWhen(true)] out Attachment? attachment)
    {
        lock (_lock)
            return _attachments.TryGetValue(address, out attachment);
    }

    /// <summary>
    /// Keeps in mind what changes from now on, until it is disposed. On the network thread no attachment is half made now.
    /// </summary>
    internal DesiredWatch Watch()
    {
        lock (_lock)
        {
            var watch = new DesiredWatch(this, _networks, [.. _attachments.Values]);
            _watches.Add(watch);
            return watch;
        }
    }

    internal void End(DesiredWatch watch)
    {
        lock (_lock)
            _watches.Remove(watch);
    }

    /// <summary>All, as they are now.</summary>
    internal IReadOnlyCollection<Attachment> All
    {
        get
        {
            lock (_lock)
                return [.. _attachments.Values];
        }
    }

    private void SetLocked(Attachment attachment)
    {
        _attachments[attachment.Address] = attachment;
        SeeLocked(attachment.Address);
    }

    private void SeeLocked(Ipv4Address address)
    {
        foreach (var watch in _watches)
            watch.See(address);
    }
}
