using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>A host and an "internet", each a namespace, with a cable between them: 203.0.113.2 and 203.0.113.1.</summary>
internal sealed partial class TestHost : IAsyncDisposable
{
    internal static readonly Ipv4Network Pool = Ipv4Network.Parse("192.168.100.0/24");
    internal static readonly Ipv4Address Gateway = Ipv4Address.Parse("192.168.100.1");
    internal static readonly Ipv4Address HostAddress = Ipv4Address.Parse("203.0.113.2");
    internal static readonly Ipv4Address InternetAddress = Ipv4Address.Parse("203.0.113.1");
    internal const uint Owner = 4711;

    private readonly NetworkNamespace _host = NetworkNamespace.Create();
    private readonly NetworkNamespace _internet = NetworkNamespace.Create();

    private TestHost(bool uplink)
    {
        if (!uplink)
            return;
        Host("ip link add up0 type veth peer name far0 netns", _internet.Path);
        Host("ip address add 203.0.113.2/24 dev up0");
        Host("ip link set up0 up");
        Host("ip link set lo up");
        Internet("ip address add 203.0.113.1/24 dev far0");
        Internet("ip link set far0 up");
        Internet("ip link set lo up");
        Host("ip route add default via 203.0.113.1");
    }

    internal RoutedHostNetwork Network { get; private set; } = null!;

    /// <summary>In place of the host's own; not there unless a test writes it.</summary>
    internal string RulesFile { get; } = Path.Combine(Path.GetTempPath(), $"rules-{Guid.NewGuid():N}.v4");

    internal NetworkNamespace Namespace => _host;

    internal NetworkNamespace FarSide => _internet;

    internal static async Task<TestHost> StartAsync(
        bool uplink = true,
        IReadOnlyList<Ipv4Network>? refused = null,
        ExternalNetworks? external = null
    )
    {
        var host = new TestHost(uplink);
        host.Network = await host.OpenAsync(refused, external);
        return host;
    }

    internal Task<RoutedHostNetwork> OpenAsync(
        IReadOnlyList<Ipv4Network>? refused = null,
        ExternalNetworks? external = null
    ) =>
        AppliedNetwork.OpenAsync(
            new HostNetworkOptions(NamespacePath: _host.Path, RefusedNetworks: refused, RulesFile: RulesFile)
            {
                External = external ?? ExternalNetworks.None,
            }
        );

    internal static Attachment At(string address) => new(Ipv4Address.Parse(address), Gateway, Owner);

    internal static Attachment OnBridge(string address) => At(address) with { Mode = NetworkMode.Bridge };

    /// <summary>The pool, in bridge mode.</summary>
    internal static PoolNetwork Bridged(bool vmToVm = false) =>
        new(Pool, [Gateway], vmToVm) { Mode = NetworkMode.Bridge };

    internal static DesiredNetwork Desired(params Attachment[] attachments) => Desired(false, attachments);

    internal static DesiredNetwork Desired(bool vmToVm, params Attachment[] attachments) =>
        new([new PoolNetwork(Pool, [Gateway], vmToVm)], attachments);

    internal Task<IReadOnlyList<string>> ApplyAsync(DesiredNetwork desired) =>
        Network.ApplyAsync(desired, TestContext.Current.CancellationToken);

    internal Task AttachAsync(Attachment attachment) =>
        Network.AttachAsync(attachment, TestContext.Current.CancellationToken);

    internal Task ChangeAsync(Attachment attachment) =>
        Network.UpdateAsync(attachment, TestContext.Current.CancellationToken);

    internal Task DetachAsync(Attachment attachment) =>
        Network.DetachAsync(attachment, TestContext.Current.CancellationToken);

    /// <param name="bridgeMac">Of an adopted bridge; ours has always the same.</param>
    internal async Task<Guest> PlugInAsync(Attachment attachment, MacAddress? bridgeMac = null)
    {
        var tap = await OpenTapAsync(attachment);
        if (attachment.Mode == NetworkMode.Bridge)
            await ForwardingAsync(attachment.TapName);
        else
            await WaitAsync(
                () => Host($"ip link show dev {attachment.TapName}").Contains("state UP", StringComparison.Ordinal),
                $"the kernel does not notice that {attachment.TapName} is open"
            );
        return new(attachment, tap) { BridgeMac = bridgeMac ?? HostNetworkMarks.RouterMac };
    }

    internal async Task<SafeFileHandle> OpenTapAsync(Attachment attachment)
    {
        for (var tries = 0; ; tries++)
            try
            {
                return await Network.OpenTapAsync(attachment, TestContext.Current.CancellationToken);
            }
            // A process that another test starts has all descriptors of this one until it is another program.
            catch (HostNetworkException busy) when (busy.Message.Contains("in use") && tries < 100)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
    }

    // A port passes nothing on before the bridge has seen that somebody is at the other end, and the bridge itself sends
    // nothing before the kernel has seen that it has such a port.
    internal Task ForwardingAsync(string port) =>
        WaitAsync(
            () =>
                Host($"bridge link show dev {port}").Contains("state forwarding", StringComparison.Ordinal)
                && Host("ip link show fcbr0").Contains("state UP", StringComparison.Ordinal),
            $"the bridge passes nothing on from {port}"
        );

    // The kernel learns a while later that somebody is at the other end, all the later the more links change
    // (net/core/link_watch.c). Until then it drops what it would send, and these guests ask once.
    private static async Task WaitAsync(Func<bool> holds, string problem)
    {
        for (var tries = 0; !holds(); tries++)
        {
            Assert.True(tries < 1000, problem);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Runs a command in the host; what it printed.</summary>
    internal string Host(params string[] words) => Run(_host, words);

    internal string Internet(params string[] words) => Run(_internet, words);

    /// <summary>A UDP socket on the far side of the uplink.</summary>
    internal Socket ListenOnInternet(int port) => _internet.Run(() => Listen(IPAddress.Any, port));

    /// <summary>A TCP socket on the far side that takes connections.</summary>
    internal Socket AcceptOnInternet(int port) =>
        _internet.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            socket.Listen();
            return socket;
        });

    /// <summary>The same for IPv6 alone.</summary>
    internal Socket ListenOnInternet6(int port) => _internet.Run(() => Listen(IPAddress.IPv6Any, port));

    internal Socket ListenOnHost(int port) => _host.Run(() => Listen(IPAddress.Any, port));

    /// <summary>Every object of the kernel that a host network could touch, without counters and handles.</summary>
    internal string Snapshot() =>
        string.Join(
            "\n--\n",
            Sorted(Volatile().Replace(Host("ip -o -d link show"), "")),
            Sorted(Volatile().Replace(Host("ip -o -4 address show"), "")),
            Host("ip -4 route show table all").Replace(" linkdown", "", StringComparison.Ordinal),
            Sorted(Host("ip neighbour show nud permanent")),
            Sorted(Host("sh -c", "bridge fdb show | grep -v ' self' || true")),
            Host("nft -s list ruleset"),
            Host(
                "sysctl -a -r ^net.ipv[46].(ip_forward|(conf|neigh).fc.*[.](proxy_arp|rp_filter|forwarding|proxy_delay|disable_ipv6))$"
            )
        );

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        File.Delete(RulesFile);
        _host.Dispose();
        _internet.Dispose();
    }

    private static Socket Listen(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    }

    internal static string Run(NetworkNamespace space, params string[] words) =>
        space.Run(() =>
        {
            var all = words.SelectMany((word, i) => i == 0 ? word.Split(' ') : [word]).ToArray();
            var start = new ProcessStartInfo(all[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var word in all.Skip(1))
                start.ArgumentList.Add(word);
            using var process = Process.Start(start)!;
            // A process does not close the streams that were taken from it, and libnftables ends the process when the
            // descriptors reach 1024.
            using var errors = process.StandardError;
            using var outputs = process.StandardOutput;
            var error = errors.ReadToEndAsync();
            var output = outputs.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? output
                : throw new InvalidOperationException($"{string.Join(' ', all)}: {error.GetAwaiter().GetResult()}");
        });

    // One that was made anew stands behind the others.
    private static string Sorted(string lines) => string.Join('\n', lines.Split('\n').Order(StringComparer.Ordinal));

    // Interface numbers of new links, and the queues' state, differ from run to run.
    [GeneratedRegex(
        @"(?m)^\d+: |@if\d+| state \S+|link-netnsid \d+|NO-CARRIER,|qdisc \S+|,LOWER_UP|\S+_timer +\S+|tso_max_size \d+"
    )]
    private static partial Regex Volatile();
}
