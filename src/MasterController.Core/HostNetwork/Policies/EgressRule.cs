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
/// Destinations of one family, as people write them: "10.0.0.0/8", "8.8.8.8", "203.0.113.7:443/tcp", "0.0.0.0/0:53/udp",
/// "10.0.0.0/8:8000-8100/tcp", "10.0.0.0/8:tcp", "0.0.0.0/0:icmp"; "2001:db8::/32", "[2001:db8::7]:443/tcp", "[::/0]:icmp".
/// </summary>
/// <param name="Ports">Null: all. Only of TCP and UDP.</param>
public sealed record EgressRule(
    IpNetwork Network,
    EgressProtocol Protocol = EgressProtocol.Any,
    PortRange? Ports = null
)
{
    public const string Form =
        "NETWORK or NETWORK:PORTS/tcp, such as 10.0.0.0/8, 203.0.113.7:443/tcp, 0.0.0.0/0:icmp or [2001:db8::/32]:443/tcp";

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
        var place = PlaceIn(text, out var service);
        if (!TryParseNetwork(place, out var network, out error))
        {
            if (IsBareIpv6WithService(text))
                error = $"\"{text}\" has no brackets around its IPv6 network, as in [2001:db8::/32]:443/tcp";
            else if (place?.Contains('/') != true)
                error = $"\"{text}\" is not {Form}";
            return false;
        }
        if (service is null)
        {
            rule = new EgressRule(network);
            return true;
        }
        return TryParseService(text!, service, network, out rule, out error);
    }

    public bool Matches(IpAddress destination, EgressProtocol protocol, ushort port) =>
        Network.Contains(destination)
        && (Protocol == EgressProtocol.Any || Protocol == protocol)
        && Ports?.Contains(port) != false;

    public override string ToString()
    {
        var place = NetworkSet.Text(Network);
        if (Protocol == EgressProtocol.Any)
            return place;
        var bracketed = Network.IsIpv6 ? $"[{place}]" : place;
        return Ports is { } ports ? $"{bracketed}:{ports}/{NameOf(Protocol)}" : $"{bracketed}:{NameOf(Protocol)}";
    }

    public static string NameOf(EgressProtocol protocol) =>
        protocol switch
        {
            EgressProtocol.Tcp => "tcp",
            EgressProtocol.Udp => "udp",
            EgressProtocol.Icmp => "icmp",
            _ => "any",
        };

    // An IPv6 network has colons of its own: with a service behind it, it stands in brackets as in a URL (RFC 3986).
    private static string? PlaceIn(string? text, out string? service)
    {
        service = null;
        if (text?.StartsWith('[') == true)
        {
            var end = text.IndexOf(']');
            var rest = end < 0 ? "" : text[(end + 1)..];
            if (end < 0 || !text[1..end].Contains(':') || (rest.Length > 0 && rest[0] != ':'))
                return null;
            service = rest.Length > 0 ? rest[1..] : null;
            return text[1..end];
        }
        var colon = text?.IndexOf(':') ?? -1;
        if (colon < 0 || text!.LastIndexOf(':') != colon)
            return text;
        service = text[(colon + 1)..];
        return text[..colon];
    }

    private static bool IsBareIpv6WithService(string? text) =>
        text?.StartsWith('[') == false
        && text.IndexOf(':') != text.LastIndexOf(':')
        && ProtocolOf(text.AsSpan(text.LastIndexOfAny([':', '/']) + 1)) is not null;

    private static bool TryParseService(
        string text,
        ReadOnlySpan<char> service,
        IpNetwork network,
        [NotNullWhen(true)] out EgressRule? rule,
        [NotNullWhen(false)] out string? error
    )
    {
        (rule, error) = (null, null);
        var slash = service.IndexOf('/');
        if (ProtocolOf(service[(slash + 1)..]) is not { } protocol)
        {
            error =
                slash < 0 && service.ContainsAnyInRange('0', '9') && !service.ContainsAnyInRange('a', 'z')
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

    private static bool TryParseNetwork(string? text, out IpNetwork network, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (Ipv4Address.TryParse(text, out var ipv4))
            network = new Ipv4Network(ipv4, 32);
        else if (Ipv6Address.TryParse(text, out var ipv6))
            network = new Ipv6Network(ipv6, 128);
        else
            return IpNetwork.TryParse(text, out network, out error);
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
