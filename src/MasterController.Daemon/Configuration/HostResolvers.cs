using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Configuration;

/// <summary>The host's name servers (resolv.conf(5)) that a guest can reach as well: those not on loopback.</summary>
public static class HostResolvers
{
    /// <summary>There is room for two in the kernel's ip= parameter (nfsroot.rst).</summary>
    public const int Most = 2;

    public static IReadOnlyList<Ipv4Address> Read(string path = "/etc/resolv.conf")
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

    public static IReadOnlyList<Ipv4Address> Parse(IEnumerable<string> lines) =>
        [
            .. lines
                .Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Where(w => w is ["nameserver", _, ..])
                .Select(w => Ipv4Address.TryParse(w[1], out var address) ? address : (Ipv4Address?)null)
                .OfType<Ipv4Address>()
                .Where(a => a.Value >> 24 != 127 && a.Value != 0)
                .Take(Most),
        ];
}
