using MasterController.Core.External;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Configuration;

internal static partial class ConfigReaders
{
    /// <summary>What IANA gives out as global unicast addresses (RFC 4291, 2.4), those for documentation among them.</summary>
    private static readonly Ipv6Network _globalUnicast = Ipv6Network.Parse("2000::/3");

    private const int ShortestExternalIpv4 = 16;

    public static Reading<Ipv6Network?> ExternalPrefix(WrittenValue written)
    {
        if (Text(written).Problem is { } problem)
            return Reading<Ipv6Network?>.Wrong(problem);
        if (written.Text.Length == 0)
            return new Reading<Ipv6Network?>(null, Problem: null);
        if (!Ipv6Network.TryParse(written.Text, out var prefix, out var error))
            return Reading<Ipv6Network?>.Wrong(error);
        if (!_globalUnicast.Contains(prefix))
            return Reading<Ipv6Network?>.Wrong($"{prefix} is not global unicast, which is {_globalUnicast}");
        return prefix.PrefixLength is >= Ipv6Mapping.Shortest and <= Ipv6Mapping.Longest
            ? prefix
            : Reading<Ipv6Network?>.Wrong($"{prefix} is not /{Ipv6Mapping.Shortest} to /{Ipv6Mapping.Longest}");
    }

    public static Reading<IReadOnlyList<Ipv4Network>> ExternalNetworks(WrittenValue written)
    {
        var networks = Networks(written);
        return
            networks
                .Value?.Where(n => n.PrefixLength < ShortestExternalIpv4)
                .Select(n => (Ipv4Network?)n)
                .FirstOrDefault()
                is { } large
            ? Reading<IReadOnlyList<Ipv4Network>>.Wrong($"{large} is larger than a /{ShortestExternalIpv4}")
            : networks;
    }

    public static Reading<PortRange> ForwardPorts(WrittenValue written)
    {
        var text = Text(written);
        if (text.Problem is { } problem)
            return Reading<PortRange>.Wrong(problem);
        if (!ExternalText.TryReadPorts(text.Value, out var ports, out var error))
            return Reading<PortRange>.Wrong(error);
        return ports.First >= 1024 ? ports : Reading<PortRange>.Wrong($"{ports.First} is under 1024");
    }

    public static Reading<Uri?> Url(WrittenValue written)
    {
        if (Text(written).Problem is { } problem)
            return Reading<Uri?>.Wrong(problem);
        if (written.Text.Length == 0)
            return new Reading<Uri?>(null, Problem: null);
        return
            Uri.TryCreate(written.Text, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : Reading<Uri?>.Wrong($"{written.Quoted} is not an http or https URL");
    }
}
