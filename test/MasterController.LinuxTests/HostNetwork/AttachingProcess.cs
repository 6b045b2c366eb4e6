using System.Diagnostics;
using System.Runtime.CompilerServices;
using MasterController.Core.HostNetwork;
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
    internal const int Count = 1_000;

    internal static readonly Ipv4Network Pool = Ipv4Network.Parse("192.168.0.0/16");
    internal static readonly Ipv4Address Gateway = Ipv4Address.Parse("192.168.0.1");

    internal static Attachment At(int number) => new(new Ipv4Address(Gateway.Value + 1 + (uint)number), Gateway, 0);

    internal static DesiredNetwork Desired(IEnumerable<int> numbers) =>
        new([new PoolNetwork(Pool, [Gateway], AllowVmToVm: false)], [.. numbers.Select(At)]);

    internal static Process Start(string spacePath)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        start.Environment[SpaceVariable] = spacePath;
        return Process.Start(start)!;
    }

    // No code of this module may run on another thread before this has ended, so nothing here awaits.
    [ModuleInitializer]
    internal static void AttachAndWait()
    {
        if (Environment.GetEnvironmentVariable(SpaceVariable) is not { } path)
            return;
        var options = new HostNetworkOptions(NamespacePath: path);
        var network = RoutedHostNetwork
            .OpenAsync(options, NullLogger<RoutedHostNetwork>.Instance)
            .GetAwaiter()
            .GetResult();
        var tasks = new Task[Count];
        for (var i = 0; i < Count; i++)
            tasks[i] = network.AttachAsync(At(i), CancellationToken.None);
        Task.WhenAll(tasks).GetAwaiter().GetResult();
        new ManualResetEventSlim().Wait();
    }
}
