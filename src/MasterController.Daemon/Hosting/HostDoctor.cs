using MasterController.Core.Diagnostics;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Daemon.Configuration;
using MasterController.Linux.Addresses;
using MasterController.Linux.Processes;

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
        var routed = settings.Network.Mode == "routed";
        var network = new HostNetworkChecks(
            settings.Network.Uplink,
            settings.External.Networks,
            running: kvm is not null
        );
        return new Doctor(
            Now(() => PrivilegeChecks.Check(PrivilegeFacts.Read())),
            Now(() => routed ? network.Run(poolNetworks()) : HostNetworkChecks.None),
            Now(() => KernelChecks.Check(KernelFacts.Read())),
            async cancellationToken =>
                VirtualisationChecks.Check(await VirtualisationAsync(settings, kvm, cancellationToken), routed),
            Now(() => StorageChecks.Check(StorageFacts.Read(settings.StateDirectory, clock))),
            Now(() => ImageToolChecks.Check(program => SearchPath.Find(program) is not null)),
            Now(() => ImageChecks.Check(new ImageCatalog(settings.Images).List()))
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
            settings.Hypervisor,
            await HypervisorFacts.ReadAsync(settings.Hypervisor, cancellationToken),
            verdict?.Boots,
            verdict?.Detail
        );
    }
}
