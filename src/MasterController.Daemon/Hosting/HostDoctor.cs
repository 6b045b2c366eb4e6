using MasterController.Core.Diagnostics;
using MasterController.Daemon.Configuration;
using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Hosting;

/// <summary>The doctor with the real host's facts.</summary>
internal static class HostDoctor
{
    /// <param name="poolNetworks">Asked at each examination.</param>
    /// <param name="kvm">Gives the verdict of a timed boot; null in a command beside the running controller.</param>
    public static Doctor Create(
        ControllerSettings settings,
        Func<IReadOnlyList<(string Pool, Ipv4Network Network)>> poolNetworks,
        KvmBootVerdict? kvm,
        TimeProvider clock
    )
    {
        var running = kvm is not null;
        var routed = settings.Network.Mode == "routed";
        return new Doctor(
            Now(() => PrivilegeChecks.Check(PrivilegeFacts.Read())),
            Now(() => DeviceChecks.Check(DeviceFacts.Read(), routed)),
            Now(() => KernelChecks.Check(KernelFacts.Read(), routed, running)),
            async cancellationToken =>
                VirtualisationChecks.Check(await VirtualisationAsync(settings, kvm, cancellationToken), routed),
            Now(() => NetworkChecks.Check(Network(settings, poolNetworks()), routed)),
            Now(() => StorageChecks.Check(StorageFacts.Read(settings.StateDirectory, clock))),
            Now(() => ImageToolChecks.Check(program => BinaryProbe.Find(program) is not null))
        );
    }

    private static Func<CancellationToken, Task<IReadOnlyList<Finding>>> Now(Func<IReadOnlyList<Finding>> check) =>
        _ => Task.FromResult(check());

    private static async Task<VirtualisationFacts> VirtualisationAsync(
        ControllerSettings settings,
        KvmBootVerdict? kvm,
        CancellationToken cancellationToken
    )
    {
        var verdict = kvm is null ? null : await kvm.AskAsync(cancellationToken);
        return new VirtualisationFacts(
            settings.Hypervisor.Wanted,
            settings.Hypervisor.UseKvm,
            DeviceFacts.OpenError("/dev/kvm"),
            verdict?.Boots,
            verdict?.Detail,
            await BinaryProbe.AskAsync(settings.Hypervisor.QemuPath, cancellationToken),
            await BinaryProbe.AskAsync(settings.Hypervisor.FirecrackerPath, cancellationToken)
        );
    }

    private static NetworkFacts Network(
        ControllerSettings settings,
        IReadOnlyList<(string Pool, Ipv4Network Network)> pools
    ) => new(pools, RouteTable.Read(), settings.Network.Uplink ?? RouteTable.DefaultInterface(), ForwardDrops: null);
}
