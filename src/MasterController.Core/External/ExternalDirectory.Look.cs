using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <param name="Kind">"ipv6", "ipv4" or "forward-port".</param>
public sealed record ExternalCounts(
    string Kind,
    decimal Total,
    decimal Used,
    decimal Cooling,
    decimal Reserved,
    decimal Free
);

/// <summary>How much of what VMs are reached by is in use.</summary>
public readonly record struct ExternalUse(int Ipv6, int Ipv4, int Forwards);

public sealed partial class ExternalDirectory
{
    public const string KindOfPorts = "forward-port";

    /// <summary>The id of the VM that has an address; null where none has.</summary>
    public string? HolderOf(IpAddress address)
    {
        lock (_lock)
            return _held.GetValueOrDefault(address)?.Vm;
    }

    /// <summary>The id of the VM that has a forward; null where there is no such forward.</summary>
    public string? HolderOf(string forwardId)
    {
        lock (_lock)
            return _vmOfForward.GetValueOrDefault(forwardId);
    }

    /// <summary>Addresses that VMs have, and those that cool down, in their order.</summary>
    public IReadOnlyList<ExternalLease> Leases
    {
        get
        {
            lock (_lock)
            {
                var since = clock.GetUtcNow() - Settings.Cooldown;
                return
                [
                    .. _held.Values.Concat(_cooling.Values.Where(l => l.ReleasedAt > since)).OrderBy(l => l.Address),
                ];
            }
        }
    }

    /// <summary>Counted, and nothing listed.</summary>
    public ExternalUse Use
    {
        get
        {
            lock (_lock)
            {
                var ipv6 = 0;
                foreach (var address in _held.Keys)
                    ipv6 += address.IsIpv6 ? 1 : 0;
                return new ExternalUse(ipv6, _held.Count - ipv6, _vmOfForward.Count);
            }
        }
    }

    /// <summary>How long an address that was given back is kept for its VM.</summary>
    public DateTimeOffset? UntilOf(ExternalLease lease) => lease.ReleasedAt + Settings.Cooldown;

    /// <summary>What there is of each kind that is configured; ports always are.</summary>
    public IReadOnlyList<ExternalCounts> Counts(IReadOnlyCollection<HostListener> listeners)
    {
        var (networks, interval) = (Settings.Networks, Settings.ForwardPorts);
        lock (_lock)
        {
            List<ExternalCounts> counts = [];
            if (networks.Ipv6 is { } prefix)
            {
                counts.Add(
                    CountLocked(
                        AddressKind.Ipv6,
                        Size(prefix),
                        isIpv6: true,
                        _hostIpv6.Where(prefix.Contains).Append(prefix.Address).Select(a => (IpAddress)a)
                    )
                );
            }
            if (networks.Ipv4.Count > 0)
            {
                counts.Add(
                    CountLocked(
                        AddressKind.Ipv4,
                        networks.Ipv4.Sum(n => (decimal)n.Size),
                        isIpv6: false,
                        networks
                            .Ipv4.Where(HasEnds)
                            .SelectMany(n => new[] { n.Address, n.Last })
                            .Concat(_hostIpv4.Where(a => networks.Ipv4.Any(n => n.Contains(a))))
                            .Select(a => (IpAddress)a)
                    )
                );
            }
            var total = 2 * (interval.Last - interval.First + 1);
            var used = _ports.CountIn(interval);
            var reserved = listeners
                .Where(l => interval.Contains(l.Port) && _ports.Find(l.Protocol, l.Address, l.Port) is null)
                .Select(l => (l.Protocol, l.Port))
                .Distinct()
                .Count();
            counts.Add(new ExternalCounts(KindOfPorts, total, used, 0, reserved, total - used - reserved));
            return counts;
        }
    }

    private ExternalCounts CountLocked(string kind, decimal total, bool isIpv6, IEnumerable<IpAddress> notForVms)
    {
        var since = clock.GetUtcNow() - Settings.Cooldown;
        var used = _held.Keys.Count(a => a.IsIpv6 == isIpv6);
        var cooling = _cooling.Values.Count(l => l.Address.IsIpv6 == isIpv6 && l.ReleasedAt > since);
        var reserved = notForVms
            .Distinct()
            .Count(a => !_held.ContainsKey(a) && !(_cooling.GetValueOrDefault(a)?.ReleasedAt > since));
        return new ExternalCounts(kind, total, used, cooling, reserved, total - used - cooling - reserved);
    }

    private static decimal Size(Ipv6Network prefix) => (decimal)(UInt128.One << (128 - prefix.PrefixLength));
}
