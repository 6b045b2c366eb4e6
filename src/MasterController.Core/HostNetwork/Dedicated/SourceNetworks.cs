using System.Text.Json.Serialization;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Who may come in: everybody where nothing is named, else those alone, each in its own family.</summary>
public sealed record SourceNetworks(IReadOnlyList<Ipv4Network> Ipv4, IReadOnlyList<Ipv6Network> Ipv6)
{
    public static SourceNetworks Everybody { get; } = new([], []);

    [JsonIgnore]
    public bool IsEverybody => Ipv4.Count + Ipv6.Count == 0;

    public bool Equals(SourceNetworks? other) =>
        other is not null && Ipv4.SequenceEqual(other.Ipv4) && Ipv6.SequenceEqual(other.Ipv6);

    public override int GetHashCode() => HashCode.Combine(Ipv4.Count, Ipv6.Count);

    /// <summary>"198.51.100.0/24, 2001:db8::/32"; "everybody".</summary>
    public override string ToString() =>
        IsEverybody
            ? "everybody"
            : string.Join(", ", [.. Ipv4.Select(network => $"{network}"), .. Ipv6.Select(network => $"{network}")]);
}
