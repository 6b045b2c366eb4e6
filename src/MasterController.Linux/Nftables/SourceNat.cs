using System.Text;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Nftables;

/// <summary>A rule that translates source addresses, whoever made it and wherever it is.</summary>
/// <param name="Chain">The chain's own name: "POSTROUTING".</param>
/// <param name="Source">Whose addresses; null where it asks for none, or for something that is not one network.</param>
/// <param name="NotDestination">Where to it does not apply.</param>
/// <param name="Out">The interface that it asks for.</param>
/// <param name="Target">"MASQUERADE" or "SNAT".</param>
/// <param name="Options">Of the target, as iptables writes them: "--random".</param>
/// <param name="Comment">That of iptables' own match.</param>
/// <param name="IsWhole">Whether these are all of its conditions.</param>
public sealed record SourceNat(
    string Chain,
    Ipv4Network? Source,
    Ipv4Network? NotDestination,
    InterfaceMatch? Out,
    string Target,
    string Options = "",
    string? Comment = null,
    bool IsWhole = true
)
{
    public const string Masquerade = "MASQUERADE";
    public const string Snat = "SNAT";

    private const string Plain = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>As <c>iptables -S</c> writes it; what is not known of its conditions as "…".</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder($"-A {Chain}");
            if (Source is { } source)
                text.Append($" -s {source}");
            if (NotDestination is { } destination)
                text.Append($" ! -d {destination}");
            if (Out is { } match)
                text.Append($"{(match.Negated ? " !" : "")} -o {match.Name}");
            if (Comment is not null)
                text.Append($" -m comment --comment {Quote(Comment)}");
            if (!IsWhole)
                text.Append(" …");
            text.Append($" -j {Target}");
            if (Options.Length > 0)
                text.Append($" {Options}");
            return text.ToString();
        }
    }

    private static string Quote(string comment) =>
        comment.Length > 0 && !comment.AsSpan().ContainsAnyExcept(Plain)
            ? comment
            : $"\"{comment.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

/// <param name="Name">With "+" at its end: every interface whose name begins so.</param>
public readonly record struct InterfaceMatch(string Name, bool Negated)
{
    /// <summary>Whether packets that leave by this interface are meant.</summary>
    public bool Matches(string name) =>
        Negated
        != (
            Name.EndsWith('+')
                ? name.StartsWith(Name.AsSpan(0, Name.Length - 1), StringComparison.Ordinal)
                : name == Name
        );
}
