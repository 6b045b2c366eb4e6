using System.Text.Json.Serialization;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Who may come in: everybody where nothing is named, else those alone, each in its own family.</summary>
public sealed record SourceNetworks(IReadOnlyList<Ipv4Network> Ipv4, IReadOnlyList<Ipv6Network> Ipv6)
{
    public static SourceNetworks Everybody { get; } = new([], []);

    [JsonIgnore]
    public bool IsEverybody => Ipv4.Count + Ipv6.Count == 0;

    public bool Contains(IpAddress address) =>
        IsEverybody
        || Ipv4.Any(network => ((IpNetwork)network).Contains(address))
        || Ipv6.Any(network => ((IpNetwork)network).Contains(address));

    public bool Equals(SourceNetworks? other) =>
        other is not null && Ipv4.SequenceEqual(other.Ipv4) && Ipv6.SequenceEqual(other.Ipv6);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var network in Ipv4)
            hash.Add(network);
        foreach (var network in Ipv6)
            hash.Add(network);
        return hash.ToHashCode();
    }

    /// <summary>"198.51.100.0/24, 2001:db8::/32"; "everybody".</summary>
    public override string ToString() =>
        IsEverybody
            ? "everybody"
            : string.Join(", ", [.. Ipv4.Select(network => $"{network}"), .. Ipv6.Select(network => $"{network}")]);

    /// <summary>The same for the same addresses: in order, and none in another.</summary>
    internal SourceNetworks Outermost() =>
        Ipv4.Count + Ipv6.Count < 2 ? this : Of([.. Ipv4.Select(n => (IpNetwork)n), .. Ipv6.Select(n => (IpNetwork)n)]);

    /// <summary>Those of both, each as <see cref="Outermost"/> has it; everybody where either is.</summary>
    internal SourceNetworks Union(SourceNetworks other) =>
        Equals(other) ? this
        : IsEverybody || other.IsEverybody ? Everybody
        : new SourceNetworks([.. Ipv4, .. other.Ipv4], [.. Ipv6, .. other.Ipv6]).Outermost();

    private static SourceNetworks Of(IReadOnlyList<IpNetwork> networks)
    {
        var outermost = NetworkSet.Outermost(networks);
        return new SourceNetworks(
            [
                .. outermost
                    .Where(network => !network.IsIpv6)
                    .Select(n => new Ipv4Network(new Ipv4Address((uint)n.Address.Value), n.PrefixLength)),
            ],
            [
                .. outermost
                    .Where(network => network.IsIpv6)
                    .Select(n => new Ipv6Network(new Ipv6Address(n.Address.Value), n.PrefixLength)),
            ]
        );
    }
}
