using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Policies;

public enum EgressProtocol : byte
{
    Any,
    Tcp,
    Udp,
    Icmp,
}

/// <summary>Ports from the first to the last, both included.</summary>
public readonly record struct PortRange(ushort First, ushort Last)
{
    public bool Contains(ushort port) => port >= First && port <= Last;

    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}

/// <summary>
/// Destinations, as people write them: "10.0.0.0/8", "8.8.8.8", "203.0.113.7:443/tcp", "0.0.0.0/0:53/udp",
/// "10.0.0.0/8:8000-8100/tcp", "10.0.0.0/8:tcp", "0.0.0.0/0:icmp".
/// </summary>
/// <param name="Ports">Null: all. Only of TCP and UDP.</param>
public sealed record EgressRule(
    Ipv4Network Network,
    EgressProtocol Protocol = EgressProtocol.Any,
    PortRange? Ports = null
)
{
    public const string Form =
        "NETWORK or NETWORK:PORTS/tcp, such as 10.0.0.0/8, 203.0.113.7:443/tcp or 0.0.0.0/0:icmp";

    public static EgressRule Parse(string text) =>
        TryParse(text, out var rule, out var error) ? rule : throw new FormatException(error);

    /// <summary>On failure <paramref name="error"/> says what is wrong with the text.</summary>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out EgressRule? rule,
        [NotNullWhen(false)] out string? error
    )
    {
        rule = null;
        var colon = text?.IndexOf(':') ?? -1;
        var place = colon < 0 ? text : text![..colon];
        if (!TryParseNetwork(place, out var network, out error))
        {
            error = place is null || place.Contains('/') ? error : $"\"{text}\" is not {Form}";
            return false;
        }
        if (colon < 0)
        {
            rule = new EgressRule(network);
            return true;
        }
        var service = text!.AsSpan(colon + 1);
        var slash = service.IndexOf('/');
        if (ProtocolOf(service[(slash + 1)..]) is not { } protocol)
        {
            error =
                slash < 0 && service.ContainsAnyInRange('0', '9')
                    ? $"\"{text}\" has a port without a protocol: /tcp or /udp"
                    : $"\"{text}\" has a protocol that is not tcp, udp or icmp";
            return false;
        }
        PortRange? ports = null;
        if (slash >= 0)
        {
            if (protocol == EgressProtocol.Icmp)
            {
                error = $"\"{text}\" has ports, which icmp does not know";
                return false;
            }
            if ((ports = PortsOf(service[..slash])) is null)
            {
                error = $"\"{text}\" has ports that are not 1 to 65535, or a range of them that ascends";
                return false;
            }
        }
        rule = new EgressRule(network, protocol, ports);
        return true;
    }

    public bool Matches(Ipv4Address destination, EgressProtocol protocol, ushort port) =>
        Network.Contains(destination)
        && (Protocol == EgressProtocol.Any || Protocol == protocol)
        && Ports?.Contains(port) != false;

    public override string ToString()
    {
        var place = Network.PrefixLength == 32 ? Network.Address.ToString() : Network.ToString();
        return (Protocol, Ports) switch
        {
            (EgressProtocol.Any, _) => place,
            (_, { } ports) => $"{place}:{ports}/{NameOf(Protocol)}",
            _ => $"{place}:{NameOf(Protocol)}",
        };
    }

    public static string NameOf(EgressProtocol protocol) =>
        protocol switch
        {
            EgressProtocol.Tcp => "tcp",
            EgressProtocol.Udp => "udp",
            EgressProtocol.Icmp => "icmp",
            _ => "any",
        };

    private static bool TryParseNetwork(string? text, out Ipv4Network network, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (!Ipv4Address.TryParse(text, out var address))
            return Ipv4Network.TryParse(text, out network, out error);
        network = new Ipv4Network(address, 32);
        return true;
    }

    private static EgressProtocol? ProtocolOf(ReadOnlySpan<char> text) =>
        text switch
        {
            "tcp" => EgressProtocol.Tcp,
            "udp" => EgressProtocol.Udp,
            "icmp" => EgressProtocol.Icmp,
            _ => null,
        };

    private static PortRange? PortsOf(ReadOnlySpan<char> text)
    {
        var dash = text.IndexOf('-');
        return
            PortOf(dash < 0 ? text : text[..dash]) is { } first
            && PortOf(text[(dash + 1)..]) is { } last
            && first <= last
            ? new PortRange(first, last)
            : null;
    }

    private static ushort? PortOf(ReadOnlySpan<char> text) =>
        text.Length > 0
        && text[0] != '0'
        && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port
            : null;
}
