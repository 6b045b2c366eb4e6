using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// What was desired at one instant, and what has changed since: whoever compares it with the kernel passes over what
/// somebody was just making or removing.
/// </summary>
internal sealed class DesiredWatch(
    DesiredState state,
    IReadOnlyList<PoolNetwork> networks,
    IReadOnlyList<Attachment> attachments
) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<Ipv4Address> _changed = [];
    private readonly HashSet<Ipv6Address> _changedIpv6 = [];
    private bool _all;
    private bool _networks;

    internal IReadOnlyList<PoolNetwork> Networks => networks;

    internal IReadOnlyList<Attachment> Attachments => attachments;

    internal Ipv4Address? FallbackSource { get; } = DesiredState.FallbackSourceOf(networks);

    internal bool HaveNetworksChanged
    {
        get
        {
            lock (_lock)
                return _networks || _all;
        }
    }

    /// <summary>Whether any attachment was told anew, made or removed since.</summary>
    internal bool HaveAttachmentsChanged
    {
        get
        {
            lock (_lock)
                return _all || _changed.Count > 0;
        }
    }

    /// <summary>Whether an attachment was told anew, made or removed since.</summary>
    internal bool HasChanged(Ipv4Address address)
    {
        lock (_lock)
            return _all || _networks || _changed.Contains(address);
    }

    /// <summary>The same of one that an IPv6 address is given to, or was.</summary>
    internal bool HasChanged(Ipv6Address address)
    {
        lock (_lock)
            return _all || _networks || _changedIpv6.Contains(address);
    }

    /// <summary>Was told anew, made or removed; its dedicated addresses are no other VM's.</summary>
    internal void See(Attachment attachment)
    {
        lock (_lock)
        {
            _changed.Add(attachment.Address);
            if (attachment.External?.PublicIpv4 is { } given)
                _changed.Add(given);
            if (attachment.RoutedIpv6 is not { } ipv6)
                return;
            _changedIpv6.Add(ipv6);
            _changedIpv6.Add(attachment.LinkLocal);
        }
    }

    internal void SeeAll()
    {
        lock (_lock)
            _all = true;
    }

    internal void SeeNetworks()
    {
        lock (_lock)
            _networks = true;
    }

    public void Dispose() => state.End(this);
}
