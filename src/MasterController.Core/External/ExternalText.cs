using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>Services, ports and networks as people write them; what is wrong is said with the text.</summary>
public static class ExternalText
{
    public const string ServiceForm = "tcp/22, tcp/80-90, udp/53, icmp or all";

    /// <summary>Reads "tcp/22", "tcp/80-90", "udp/53", "icmp" and "all".</summary>
    internal static bool TryReadService(string? text, out Service service, [NotNullWhen(false)] out string? error)
    {
        service = default;
        error = null;
        var slash = text?.IndexOf('/') ?? -1;
        switch (slash < 0 ? text : text![..slash])
        {
            case "all" when slash < 0:
                service = new Service(EgressProtocol.Any, null);
                return true;
            case "icmp" when slash < 0:
                service = new Service(EgressProtocol.Icmp, null);
                return true;
            case "icmp" or "all":
                error = $"\"{text}\" has ports, which \"{text![..slash]}\" does not know";
                return false;
            case "tcp" or "udp" when slash < 0:
                error = $"\"{text}\" has no port, such as {text}/22";
                return false;
            case "tcp" or "udp":
                var protocol = text!.StartsWith("tcp", StringComparison.Ordinal)
                    ? EgressProtocol.Tcp
                    : EgressProtocol.Udp;
                if (!TryReadPorts(text[(slash + 1)..], out var ports, out var wrong))
                {
                    error = $"\"{text}\": {wrong}";
                    return false;
                }
                service = new Service(protocol, ports);
                return true;
            default:
                error = $"\"{text}\" is not {ServiceForm}";
                return false;
        }
    }

    /// <summary>Reads "8080" and "8000-8010".</summary>
    public static bool TryReadPorts(string? text, out PortRange ports, [NotNullWhen(false)] out string? error)
    {
        ports = default;
        var dash = text?.IndexOf('-') ?? -1;
        if (!TryReadPort(dash < 0 ? text : text![..dash], out var first, out error))
            return false;
        var last = first;
        if (dash >= 0 && !TryReadPort(text![(dash + 1)..], out last, out error))
            return false;
        if (last < first)
        {
            error = $"the range {first}-{last} runs backwards";
            return false;
        }
        ports = new PortRange(first, last);
        return true;
    }

    /// <summary>Null where anything is wrong; <paramref name="refuse"/> is then told each bad item.</summary>
    /// <param name="ipv4Only">What it says of IPv6 networks; null where those may be there.</param>
    internal static SourceNetworks? ReadSources(
        IReadOnlyList<string>? texts,
        string field,
        string? ipv4Only,
        Action<string, string> refuse
    )
    {
        List<Ipv4Network> ipv4 = [];
        List<Ipv6Network> ipv6 = [];
        var isRight = true;
        for (var i = 0; i < (texts?.Count ?? 0); i++)
        {
            var problem = ReadNetwork(texts![i], ipv4, ipv6, ipv4Only);
            if (problem is null)
                continue;
            isRight = false;
            refuse($"{field}[{i}]", problem);
        }
        if (ipv4.Count + ipv6.Count > MostSources)
        {
            isRight = false;
            refuse(field, $"{ipv4.Count + ipv6.Count} networks; at most {MostSources}");
        }
        // The order and what is named twice say nothing.
        return isRight
            ? new SourceNetworks(
                [.. ipv4.Distinct().OrderBy(n => n.Address).ThenBy(n => n.PrefixLength)],
                [.. ipv6.Distinct().OrderBy(n => n.Address).ThenBy(n => n.PrefixLength)]
            )
            : null;
    }

    /// <summary>Each is an element of a set.</summary>
    private const int MostSources = 256;

    private static string? ReadNetwork(string? text, List<Ipv4Network> ipv4, List<Ipv6Network> ipv6, string? ipv4Only)
    {
        if (Ipv4Address.TryParse(text, out var address))
        {
            ipv4.Add(new Ipv4Network(address, 32));
            return null;
        }
        if (Ipv6Address.TryParse(text, out var address6))
        {
            ipv6.Add(new Ipv6Network(address6, 128));
            return ipv4Only is null ? null : $"\"{text}\" is IPv6; {ipv4Only}";
        }
        if (text?.Contains(':') == true)
        {
            if (!Ipv6Network.TryParse(text, out var network6, out var wrong6))
                return wrong6;
            ipv6.Add(network6);
            return ipv4Only is null ? null : $"\"{text}\" is IPv6; {ipv4Only}";
        }
        if (!Ipv4Network.TryParse(text, out var network, out var wrong))
            return wrong;
        ipv4.Add(network);
        return null;
    }

    private static bool TryReadPort(string? text, out ushort port, [NotNullWhen(false)] out string? error)
    {
        port = 0;
        if (
            text is null
            || text.Length is 0 or > 10
            || text.AsSpan().ContainsAnyExceptInRange('0', '9')
            || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        )
        {
            error = $"\"{text}\" is not a port or a range of them, such as 8080 or 8000-8010";
            return false;
        }
        if (number is < 1 or > ushort.MaxValue)
        {
            error = $"port {number} is not 1 to 65535";
            return false;
        }
        port = (ushort)number;
        error = null;
        return true;
    }
}

/// <param name="Ports">Of TCP and UDP; null for the others.</param>
internal readonly record struct Service(EgressProtocol Protocol, PortRange? Ports)
{
    public override string ToString() => new Opening(Protocol, Ports, SourceNetworks.Everybody).Service;
}
