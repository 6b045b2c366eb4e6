using System.Diagnostics.CodeAnalysis;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// What the host network should be at this moment, as the calls have told it. Written by the network thread before it
/// touches the kernel, read by others: each attachment has a number that changes with it, so that whoever compares it with
/// the kernel knows what changed meanwhile.
/// </summary>
internal sealed class DesiredState
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Ipv4Address, Entry> _attachments = [];
    private IReadOnlyList<PoolNetwork> _networks = [];
    private readonly List<DesiredWatch> _watches = [];
    private long _changes;

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

    internal int Count
    {
        get
        {
            lock (_lock)
                return _attachments.Count;
        }
    }

    internal void Add(IReadOnlyList<Attachment> attachments)
    {
        lock (_lock)
            foreach (var attachment in attachments)
            {
                _attachments[attachment.Address] = new Entry(attachment, ++_changes);
                foreach (var watch in _watches)
                    watch.See(attachment.Address);
            }
    }

    /// <summary>Takes over what attachments now name, of those that there are; gives these.</summary>
    internal IReadOnlyList<Attachment> Update(IReadOnlyList<Attachment> attachments)
    {
        lock (_lock)
        {
            List<Attachment> present = [.. attachments.Where(item => _attachments.ContainsKey(item.Address))];
            foreach (var attachment in present.Where(item => _attachments[item.Address].Attachment != item))
            {
                _attachments[attachment.Address] = new Entry(attachment, ++_changes);
                foreach (var watch in _watches)
                    watch.See(attachment.Address);
            }
            return present;
        }
    }

    internal void Remove(IReadOnlyList<Attachment> attachments)
    {
        lock (_lock)
            foreach (var attachment in attachments)
            {
                _attachments.Remove(attachment.Address);
                foreach (var watch in _watches)
                    watch.See(attachment.Address);
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
                _attachments[attachment.Address] = new Entry(attachment, ++_changes);
        }
    }

    internal bool TryGet(Ipv4Address address, [NotNullWhen(true)] out Attachment? attachment)
    {
        lock (_lock)
        {
            attachment = _attachments.TryGetValue(address, out var entry) ? entry.Attachment : null;
            return attachment is not null;
        }
    }

    /// <summary>
    /// Keeps in mind what changes from now on, until it is disposed. On the network thread no attachment is half made now.
    /// </summary>
    internal DesiredWatch Watch()
    {
        lock (_lock)
        {
            var watch = new DesiredWatch(this, _networks, [.. _attachments.Values.Select(entry => entry.Attachment)]);
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
    internal IReadOnlyList<Entry> Attachments
    {
        get
        {
            lock (_lock)
                return [.. _attachments.Values];
        }
    }

    internal IReadOnlyCollection<Attachment> All
    {
        get
        {
            lock (_lock)
                return [.. _attachments.Values.Select(entry => entry.Attachment)];
        }
    }

    /// <param name="Change">Another one each time that the attachment is told anew.</param>
    internal readonly record struct Entry(Attachment Attachment, long Change);
}
