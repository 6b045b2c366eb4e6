using System.Diagnostics.CodeAnalysis;
using MasterController.Core.HostNetwork.Dedicated;
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

    // To the guests' own addresses, from those by which they are reached.
    private readonly Dictionary<Ipv6Address, Ipv4Address> _ipv6 = [];
    private readonly Dictionary<Ipv4Address, Ipv4Address> _public = [];
    private readonly List<DesiredWatch> _watches = [];
    private IReadOnlyList<PoolNetwork> _networks = [];
    private DedicatedUplink _uplink = DedicatedUplink.None;

    /// <summary>Where dedicated addresses come from.</summary>
    internal ExternalNetworks External { get; init; } = ExternalNetworks.None;

    internal bool HasExternal => External is not { Ipv6: null, Ipv4.Count: 0 };

    /// <summary>Where they come in, as the host was last made right for.</summary>
    internal DedicatedUplink Uplink
    {
        get
        {
            lock (_lock)
                return _uplink;
        }
        set
        {
            lock (_lock)
                _uplink = value;
        }
    }

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

    /// <summary>Takes over what attachments now name, of those that there are; gives these, each beside what it was.</summary>
    internal IReadOnlyList<(Attachment Before, Attachment After)> Update(IReadOnlyList<Attachment> attachments)
    {
        lock (_lock)
        {
            var present = new List<(Attachment Before, Attachment After)>(attachments.Count);
            foreach (var attachment in attachments)
                if (_attachments.TryGetValue(attachment.Address, out var before))
                {
                    present.Add((before, attachment));
                    if (before != attachment)
                        SetLocked(attachment);
                }
            return present;
        }
    }

    /// <summary>Gives them as they were, or as they are named where there were none.</summary>
    internal IReadOnlyList<Attachment> Remove(IReadOnlyList<Attachment> attachments)
    {
        lock (_lock)
        {
            var removed = new Attachment[attachments.Count];
            for (var i = 0; i < removed.Length; i++)
            {
                var known = _attachments.Remove(attachments[i].Address, out var before);
                removed[i] = known ? before! : attachments[i];
                UnmapLocked(removed[i]);
                SeeLocked(removed[i]);
            }
            return removed;
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
            _ipv6.Clear();
            _public.Clear();
            _attachments.EnsureCapacity(attachments.Count);
            foreach (var attachment in attachments)
                MapLocked(attachment);
        }
    }

    internal bool TryGet(Ipv4Address address, [NotNullWhen(true)] out Attachment? attachment)
    {
        lock (_lock)
            return _attachments.TryGetValue(address, out attachment);
    }

    /// <summary>Whose IPv6 address it is: one that was given to it, or what it calls itself on its link.</summary>
    internal bool TryGet(Ipv6Address address, [NotNullWhen(true)] out Attachment? attachment)
    {
        attachment = null;
        lock (_lock)
            return (_ipv6.TryGetValue(address, out var owner) || Attachment.TryReadLinkLocal(address, out owner))
                && _attachments.TryGetValue(owner, out attachment)
                && attachment.RoutedIpv6 is not null;
    }

    /// <summary>Whose one-to-one address it is.</summary>
    internal bool TryGetPublic(Ipv4Address address, [NotNullWhen(true)] out Attachment? attachment)
    {
        attachment = null;
        lock (_lock)
            return _public.TryGetValue(address, out var owner) && _attachments.TryGetValue(owner, out attachment);
    }

    /// <summary>Whether it is, by now, for another VM than the one at an address.</summary>
    internal bool IsOfAnother(DedicatedEntry entry, Ipv4Address guest) =>
        (entry.Ipv6 is { } ipv6 ? TryGet(ipv6, out var owner) : TryGetPublic(entry.Ipv4!.Value, out owner))
        && owner.Address != guest;

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

    /// <summary>How many there are.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
                return _attachments.Count;
        }
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
        if (_attachments.TryGetValue(attachment.Address, out var before))
        {
            UnmapLocked(before);
            SeeLocked(before);
        }
        MapLocked(attachment);
        SeeLocked(attachment);
    }

    private void MapLocked(Attachment attachment)
    {
        _attachments[attachment.Address] = attachment;
        if (attachment.RoutedIpv6 is { } ipv6)
            _ipv6[ipv6] = attachment.Address;
        if (attachment.External?.PublicIpv4 is { } given)
            _public[given] = attachment.Address;
    }

    // Another VM may have been given the address already.
    private void UnmapLocked(Attachment attachment)
    {
        if (attachment.RoutedIpv6 is { } ipv6 && _ipv6.TryGetValue(ipv6, out var owner) && owner == attachment.Address)
            _ipv6.Remove(ipv6);
        if (
            attachment.External?.PublicIpv4 is { } given
            && _public.TryGetValue(given, out owner)
            && owner == attachment.Address
        )
            _public.Remove(given);
    }

    private void SeeLocked(Attachment attachment)
    {
        foreach (var watch in _watches)
            watch.See(attachment);
    }
}
