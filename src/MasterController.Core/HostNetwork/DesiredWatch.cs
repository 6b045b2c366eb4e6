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

    internal void See(Ipv4Address address)
    {
        lock (_lock)
            _changed.Add(address);
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
