using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Configuration;

/// <summary>
/// The host's name servers (resolv.conf(5)) that a guest can reach as well: those not on loopback, and not on a link of the
/// host's.
/// </summary>
public static class HostResolvers
{
    private static readonly IpNetwork[] OfTheHostAlone =
    [
        Ipv4Network.Parse("127.0.0.0/8"),
        Ipv4Network.Parse("0.0.0.0/32"),
        Ipv6Network.Parse("::/8"),
        Ipv6Network.Parse("fe80::/10"),
    ];

    public static IReadOnlyList<IpAddress> Read(string path = "/etc/resolv.conf")
    {
        try
        {
            return Parse(File.ReadLines(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>At most <see cref="VmSettings.MostResolvers"/> of each family, in the order of the lines.</summary>
    public static IReadOnlyList<IpAddress> Parse(IEnumerable<string> lines) =>
        [
            .. lines
                .Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Where(w => w is ["nameserver", _, ..])
                .Select(w => IpAddress.TryParse(w[1], out var address) ? address : (IpAddress?)null)
                .OfType<IpAddress>()
                .Where(a => !OfTheHostAlone.Any(network => network.Contains(a)))
                .GroupBy(a => a.IsIpv6)
                .SelectMany(family => family.Take(VmSettings.MostResolvers)),
        ];
}
