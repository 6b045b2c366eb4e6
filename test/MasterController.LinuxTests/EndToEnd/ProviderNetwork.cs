using System.Diagnostics;
using MasterController.Linux.Namespaces;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>
/// What a test host's uplink leads to, made a provider's router with an "internet" behind it, a namespace of its own. It
/// gives the host a prefix and extra IPv4 addresses, routed to the host or on the uplink's link.
/// </summary>
internal sealed class ProviderNetwork : IAsyncDisposable
{
    public const string Far = "192.0.2.10";
    public const string Far6 = "2001:db8:feed::10";
    public const string Prefix = "2001:db8:1250::/64";

    private readonly NetworkNamespace _far = NetworkNamespace.Create();
    private readonly List<Process> _servers = [];

    /// <summary>On the link, the router asks by ARP and NDP for each address.</summary>
    public bool IsOnLink { get; private init; }

    /// <summary>Extra addresses: in the uplink's network, or in one that is routed to the host.</summary>
    public string Ipv4 => IsOnLink ? "198.51.100.32/28" : "203.0.113.32/28";

    public string FirstIpv4 => IsOnLink ? "198.51.100.33" : "203.0.113.33";

    public string Toml =>
        $"""
            [external]
            ipv6 = "{Prefix}"
            ipv4 = ["{Ipv4}"]
            cooldown_seconds = 1
            """;

    /// <summary>Connected by the time that the controller starts: see <see cref="Connect"/>.</summary>
    public static ProviderNetwork Create(bool isOnLink) => new() { IsOnLink = isOnLink };

    public void Connect(TestHost host)
    {
        Provider(host, "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        Provider(host, $"ip link add far0 type veth peer name net0 netns {_far.Path}");
        Provider(host, "ip address add 192.0.2.1/24 dev far0");
        Provider(host, "ip -6 address add 2001:db8:feed::1/64 dev far0 nodad");
        Provider(host, "ip link set far0 up");
        FarAway("ip link set lo up");
        FarAway($"ip address add {Far}/24 dev net0");
        FarAway($"ip -6 address add {Far6}/64 dev net0 nodad");
        FarAway("ip link set net0 up");
        FarAway("ip route add default via 192.0.2.1");
        FarAway("ip -6 route add default via 2001:db8:feed::1");
        var (uplink, router) = IsOnLink
            ? ("2001:db8:1250::fffe", "2001:db8:1250::ffff")
            : ("2001:db8:ffff::2", "2001:db8:ffff::1");
        Host(host, $"ip -6 address add {uplink}/64 dev uplink0 nodad");
        Provider(host, $"ip -6 address add {router}/64 dev isp0 nodad");
        Host(host, $"ip -6 route add default via {router}");
        if (IsOnLink)
            return;
        Provider(host, $"ip -6 route add {Prefix} via {uplink}");
        Provider(host, $"ip route add {Ipv4} via {TestHost.UplinkAddress}");
    }

    /// <summary>Starts a web server that answers with the address that it was asked from.</summary>
    public async Task ServeAsync()
    {
        var pages = Path.Combine(Repository.Root, "demo", "internet");
        foreach (var place in new[] { $"{Far}:80", $"[{Far6}]:80" })
            _servers.Add(_far.Run(() => Process.Start("busybox", ["httpd", "-f", "-p", place, "-h", pages])));
        await Eventually.TrueAsync(
            () => Task.FromResult(FarAway("ss -ltn").Contains($"[{Far6}]:80", StringComparison.Ordinal)),
            "the far side serves"
        );
    }

    /// <summary>What the far side gets from there; null where nothing answers in time.</summary>
    public string? Fetch(string place) => Fetch(FarAway, place);

    /// <summary>What the host gets.</summary>
    public static string? Fetch(TestHost host, string place) => Fetch(command => Host(host, command), place);

    public string FarAway(string command) => Run(line => TestHost.RunIn(_far, line[0], line[1..]), command);

    public bool Pings(string address)
    {
        try
        {
            FarAway($"ping -c 1 -W 2 {address}");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            server.Kill();
            await server.WaitForExitAsync();
            server.Dispose();
        }
        _far.Dispose();
    }

    private static string Provider(TestHost host, string command) =>
        Run(line => host.RunInInternet(line[0], line[1..]), command);

    private static string Host(TestHost host, string command) => Run(line => host.Run(line[0], line[1..]), command);

    private static string Run(Func<string[], string> run, string command) => run(command.Split(' '));

    private static string? Fetch(Func<string, string> run, string place)
    {
        try
        {
            return run($"curl -sS --max-time 5 http://{place}/cgi-bin/whoami").Trim();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
