using System.Diagnostics;
using System.Runtime.CompilerServices;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using Microsoft.Extensions.Logging.Abstractions;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>
/// A controller that can be killed: this program once more, which asks for many attachments at once in a namespace that
/// it is given, and would then wait for ever.
/// </summary>
internal static class AttachingProcess
{
    private const string SpaceVariable = "MC_TEST_ATTACH_IN";
    private const string ExternalVariable = "MC_TEST_ATTACH_EXTERNAL";
    private const string ReachedVariable = "MC_TEST_ATTACH_REACHED";
    internal const int Count = 1_000;

    internal static readonly Ipv4Network Pool = Ipv4Network.Parse("192.168.0.0/16");
    internal static readonly Ipv4Address Gateway = Ipv4Address.Parse("192.168.0.1");

    internal static Attachment At(int number) => new(new Ipv4Address(Gateway.Value + 1 + (uint)number), Gateway, 0);

    /// <summary>The same with an IPv6 address.</summary>
    private static Attachment WithIpv6(int number) =>
        At(number) with
        {
            External = ExternalAccess.None with
            {
                Ipv6 = new Ipv6Address(Dedicated.ProviderHost.Prefix.Address.Value + 0x1000 + (uint)number),
            },
        };

    internal static DesiredNetwork Desired(IEnumerable<int> numbers, bool external = false) =>
        new(
            [new PoolNetwork(Pool, [Gateway], AllowVmToVm: false)],
            [.. numbers.Select(number => external ? WithIpv6(number) : At(number))]
        );

    /// <summary>One with ports of the host: ten lists of who may come in, a hundred guests each.</summary>
    internal static Attachment Reached(int number)
    {
        // No collection expressions: what they make of one element is a type of this module.
        var network = Ipv4Network.Parse($"10.{number % 10}.0.0/16");
        var first = (ushort)(20_000 + (3 * number));
        var forward = new PortForward(
            $"fwd_{number:d12}",
            null,
            EgressProtocol.Tcp,
            new PortRange(first, (ushort)(first + 2)),
            80,
            SourceNetworks.Everybody with
            {
                Ipv4 = Enumerable.Repeat(network, 1).ToArray(),
            }
        );
        return At(number) with
        {
            External = ExternalAccess.None with { Forwards = Enumerable.Repeat(forward, 1).ToArray() },
        };
    }

    /// <param name="external">Whether the guests have addresses of their own, and the host a prefix for them.</param>
    /// <param name="reached">Whether ports of the host lead to the guests.</param>
    internal static Process Start(string spacePath, bool external = false, bool reached = false)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        start.Environment[SpaceVariable] = spacePath;
        if (external)
            start.Environment[ExternalVariable] = "1";
        if (reached)
            start.Environment[ReachedVariable] = "1";
        return Process.Start(start)!;
    }

    // No code of this module may run on another thread before this has ended, so nothing here awaits.
    [ModuleInitializer]
    internal static void AttachAndWait()
    {
        if (Environment.GetEnvironmentVariable(SpaceVariable) is not { } path)
            return;
        var external = Environment.GetEnvironmentVariable(ExternalVariable) is not null;
        var options = new HostNetworkOptions(NamespacePath: path)
        {
            External = external
                ? new(Dedicated.ProviderHost.Prefix, PrefixDelivery.OnLink, Array.Empty<Ipv4Network>())
                : ExternalNetworks.None,
        };
        var network = RoutedHostNetwork
            .OpenAsync(options, NullLogger<RoutedHostNetwork>.Instance)
            .GetAwaiter()
            .GetResult();
        // Of arrays: the types that the compiler makes for other lists are of this module, and would be used elsewhere.
        var networks = new[] { new PoolNetwork(Pool, new[] { Gateway }, AllowVmToVm: false) };
        if (external)
            network
                .TakeOverAsync(new(networks, Array.Empty<Attachment>()), CancellationToken.None)
                .GetAwaiter()
                .GetResult();
        Func<int, Attachment> place =
            external ? WithIpv6
            : Environment.GetEnvironmentVariable(ReachedVariable) is not null ? Reached
            : At;
        var tasks = new Task[Count];
        for (var i = 0; i < Count; i++)
            tasks[i] = network.AttachAsync(place(i), CancellationToken.None);
        Task.WhenAll(tasks).GetAwaiter().GetResult();
        new ManualResetEventSlim().Wait();
    }
}
