using System.Collections.Concurrent;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Operations;
using MasterController.Linux.Processes;

namespace MasterController.Core.Vms;

/// <summary>Gives a VM its disks, its place in the network and its process, and takes them away again.</summary>
public sealed class VmRuntime(
    IHostNetwork network,
    IHypervisors hypervisors,
    ImageCatalog images,
    VmDiskStore disks,
    VmDirectories directories,
    VmProcesses processes,
    TimeProvider clock
)
{
    /// <summary>What hypervisors have been told, by VM; nothing of those that a former controller started.</summary>
    private readonly ConcurrentDictionary<string, RateLimit?> _limits = new();

    /// <summary>The steps of <see cref="BringUpAsync"/>, as operations show them.</summary>
    public static IReadOnlyList<string> Steps { get; } = ["disks", "network", "boot"];

    public static Attachment AttachmentOf(VmRecord vm) =>
        new(vm.Address, vm.Gateway, HypervisorUser.Of(vm.Address)) { Mode = vm.NetworkMode, External = vm.External };

    /// <summary>With what the guest may do in the network, as far as that is the kernel's business.</summary>
    public Attachment AttachmentOf(VmRecord vm, VmSettings settings) =>
        AttachmentOf(vm) with
        {
            Egress = settings.EgressOf(vm),
            RateLimit = LimiterOf(vm) is null ? settings.RateLimitOf(vm) : null,
            AdvertisesRouter = vm.External?.Ipv6 is not null && settings.AdvertisesRouter(vm),
            AdvertisedResolvers = settings.AdvertisesRouter(vm) ? settings.Resolvers6 : [],
        };

    /// <summary>Has the hypervisor limit a running VM as is said now, where that is its business.</summary>
    /// <exception cref="HostNetworkException">It refused, or did not answer.</exception>
    public async Task LimitAsync(VmRecord vm, VmSettings settings)
    {
        var limit = settings.RateLimitOf(vm);
        if (LimiterOf(vm) is not { } hypervisor || (_limits.TryGetValue(vm.Id, out var known) && known == limit))
            return;
        try
        {
            await hypervisor.LimitAsync(directories.Of(vm.Id), limit, CancellationToken.None);
        }
        catch (HypervisorException refused)
        {
            throw new HostNetworkException($"the traffic of {vm.Id} could not be limited: {refused.Message}", refused);
        }
        _limits[vm.Id] = limit;
    }

    public bool IsLimitedByHypervisor(VmRecord vm) => LimiterOf(vm) is not null;

    // One that cannot be found any more limits as it did; the kernel does beside it then.
    private IHypervisor? LimiterOf(VmRecord vm)
    {
        if (vm is not { Process: not null, Hypervisor: { } name })
            return null;
        try
        {
            return hypervisors.ByName(name) is { LimitsTraffic: true } found ? found : null;
        }
        catch (HypervisorException)
        {
            return null;
        }
    }

    /// <summary>
    /// Boots a VM. (1) Its directory and disks; (2) its attachment; (3) its process. Every step finds what a former
    /// attempt left and goes on from there; the undo stack of <paramref name="run"/> takes back what was made.
    /// </summary>
    public async Task<BootedVm> BringUpAsync(
        VmRecord vm,
        VmSettings settings,
        OperationRun run,
        CancellationToken cancellationToken
    )
    {
        var image =
            images.Find(vm.Image) ?? throw new HypervisorException($"image \"{vm.Image}\" is missing on this host");
        // Until a hypervisor is known to limit the guest, the kernel does.
        var limit = settings.RateLimitOf(vm);
        var attachment = AttachmentOf(vm with { Process = null }, settings);
        var directory = directories.Of(vm.Id);
        VmDisks? vmDisks = null;
        BootedVm? booted = null;

        // 1
        var isFirstBoot = vm.StartedAt is null;
        await run.StepAsync(
            Steps[0],
            async token =>
            {
                directories.Ensure(vm.Id, attachment.OwnerUid);
                vmDisks = await disks.EnsureAsync(image, directory, attachment.OwnerUid, token);
            },
            isFirstBoot
                ? () =>
                {
                    directories.Delete(vm.Id);
                    return Task.CompletedTask;
                }
                : null,
            cancellationToken
        );

        // 2
        await run.StepAsync(
            Steps[1],
            token => network.AttachAsync(attachment, token),
            () => network.DetachAsync(attachment, CancellationToken.None),
            cancellationToken
        );

        // 3
        await run.StepAsync(
            Steps[2],
            async token =>
            {
                var hypervisor = await hypervisors.SelectAsync(image, token);
                var process = await hypervisor.StartAsync(
                    new VmLaunch(
                        vm.Id,
                        directory,
                        image,
                        vmDisks!,
                        vm.Vcpus,
                        vm.MemoryMib,
                        attachment,
                        open => network.OpenTapAsync(attachment, open),
                        GuestArguments.For(vm, attachment, vmDisks!, settings.Dns),
                        limit
                    ),
                    token
                );
                booted = new BootedVm(process, hypervisor.Name);
                if (!hypervisor.LimitsTraffic)
                    return;
                _limits[vm.Id] = limit;
                await network.UpdateAsync(attachment with { RateLimit = null }, token);
            },
            () => booted is null ? Task.CompletedTask : EndProcessAsync(vm.Id, booted.Process),
            cancellationToken
        );
        return booted!;
    }

    /// <summary>
    /// Ends a VM's process, asking the guest first when <paramref name="grace"/> is over zero, and removes its
    /// attachment. Returns whether it had to be forced.
    /// </summary>
    /// <param name="atOnce">Cuts the grace short.</param>
    public async Task<bool> TakeDownAsync(VmRecord vm, TimeSpan grace, CancellationToken atOnce)
    {
        var forced = vm.Process is { } process && !await EndsByItselfAsync(vm, process, grace, atOnce);
        if (forced)
            await EndProcessAsync(vm.Id, vm.Process!.Value);
        await ReleaseAsync(vm);
        return forced;
    }

    /// <summary>Removes what a process that has ended leaves behind: its attachment and its cgroup.</summary>
    public async Task ReleaseAsync(VmRecord vm)
    {
        await network.DetachAsync(AttachmentOf(vm), CancellationToken.None);
        _limits.TryRemove(vm.Id, out _);
        processes.Forget(vm.Id);
    }

    private async Task<bool> EndsByItselfAsync(
        VmRecord vm,
        ProcessIdentity process,
        TimeSpan grace,
        CancellationToken atOnce
    )
    {
        if (!process.IsAlive)
            return true;
        if (grace <= TimeSpan.Zero || vm.Hypervisor is null)
            return false;
        using var timeout = new CancellationTokenSource(grace, clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, atOnce);
        try
        {
            var hypervisor = hypervisors.ByName(vm.Hypervisor);
            if (!await hypervisor.RequestShutdownAsync(directories.Of(vm.Id), deadline.Token))
                return !process.IsAlive;
            await processes.WatchAsync(process, deadline.Token);
            return true;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task EndProcessAsync(string vmId, ProcessIdentity process)
    {
        await processes.KillAsync(process, CancellationToken.None);
        processes.Forget(vmId);
    }
}

/// <param name="Hypervisor">The name under which the process is to be spoken to later.</param>
public sealed record BootedVm(ProcessIdentity Process, string Hypervisor);
