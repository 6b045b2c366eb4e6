using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>
/// Where a guest may send to. For each packet, whoever began the conversation:
/// 1. what a rule of <see cref="Deny"/> matches is refused;
/// 2. what a rule of <see cref="Allow"/> matches is allowed;
/// 3. the rest is as <see cref="AllowsByDefault"/> says, for both families.
/// What the host refuses to all guests stays refused, but for what a rule of <see cref="Allow"/> names by itself: see
/// <see cref="Opens"/> and <see cref="OpensHost"/>. Policies with the same rules in any order are equal.
/// </summary>
public sealed record EgressPolicy(bool AllowsByDefault, IReadOnlyList<EgressRule> Allow, IReadOnlyList<EgressRule> Deny)
{
    /// <summary>Of both lists together: they are compared with a packet one kind after the other.</summary>
    public const int MostRules = 64;

    /// <summary>As if there were no policy.</summary>
    public static EgressPolicy Everything { get; } = new(AllowsByDefault: true, [], []);

    /// <summary>
    /// Whether a rule of <see cref="Allow"/> opens a network that guests are refused by default, such as the one with the
    /// clouds' metadata service: one that lies within it does, "0.0.0.0/0" does not.
    /// </summary>
    public static bool Opens(EgressRule allowed, IEnumerable<IpNetwork> refused) =>
        refused.Any(network => network.Contains(allowed.Network));

    /// <summary>
    /// Whether a rule of <see cref="Allow"/> opens a service of the host, on a gateway's address and nowhere else: one that
    /// names a single IPv4 address and a port does. By IPv6 nothing of the host is opened.
    /// </summary>
    public static bool OpensHost(EgressRule allowed) =>
        allowed is { Network: { IsIpv6: false, IsSingle: true }, Ports: not null };

    // Copied by "with", which must not copy what was worked out for the original.
    private EgressPolicy(EgressPolicy original) => (AllowsByDefault, Allow, Deny) = original;

    public bool Equals(EgressPolicy? other) => other is not null && Key == other.Key;

    public override int GetHashCode() => _hash ??= Key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Key;

    // One policy is looked up once for each of its guests.
    private int? _hash;

    private string Key =>
        field ??= $"{(AllowsByDefault ? "allow" : "deny")} by default; deny {Sorted(Deny)}; allow {Sorted(Allow)}";

    private static string Sorted(IReadOnlyList<EgressRule> rules) =>
        string.Join(", ", rules.Select(rule => rule.ToString()).Distinct().Order(StringComparer.Ordinal));
}
