using System.Diagnostics;
using System.Runtime.CompilerServices;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
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
    internal const int Count = 1_000;

    internal static readonly Ipv4Network Pool = Ipv4Network.Parse("192.168.0.0/16");
    internal static readonly Ipv4Address Gateway = Ipv4Address.Parse("192.168.0.1");

    internal static Attachment At(int number) => new(new Ipv4Address(Gateway.Value + 1 + (uint)number), Gateway, 0);

    /// <summary>The same with an IPv6 address.</summary>
    private static Attachment ReachedAt(int number) =>
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
            [.. numbers.Select(number => external ? ReachedAt(number) : At(number))]
        );

    /// <param name="external">Whether the guests have addresses of their own, and the host a prefix for them.</param>
    internal static Process Start(string spacePath, bool external = false)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        start.Environment[SpaceVariable] = spacePath;
        if (external)
            start.Environment[ExternalVariable] = "1";
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
            External = external ? Dedicated.ProviderHost.Networks() : ExternalNetworks.None,
        };
        var network = RoutedHostNetwork
            .OpenAsync(options, NullLogger<RoutedHostNetwork>.Instance)
            .GetAwaiter()
            .GetResult();
        if (external)
            network.TakeOverAsync(Desired([]), CancellationToken.None).GetAwaiter().GetResult();
        var tasks = new Task[Count];
        for (var i = 0; i < Count; i++)
            tasks[i] = network.AttachAsync(external ? ReachedAt(i) : At(i), CancellationToken.None);
        Task.WhenAll(tasks).GetAwaiter().GetResult();
        new ManualResetEventSlim().Wait();
    }
}
