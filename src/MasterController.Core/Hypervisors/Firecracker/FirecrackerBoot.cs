using System.Text;

namespace MasterController.Core.Hypervisors.Firecracker;

/// <summary>
/// The configuration of one VM and the order in which Firecracker takes it: 1 machine, 2 kernel, 3 disks, 4 network,
/// 5 entropy, 6 start.
/// </summary>
internal sealed record FirecrackerBoot(
    MachineConfig Machine,
    BootSource Source,
    IReadOnlyList<Drive> Drives,
    NetworkInterface? Network
)
{
    internal const string InterfaceId = "eth0";

    /// <summary>COMMAND_LINE_SIZE of x86-64.</summary>
    private const int LongestBootArgs = 2048;

    /// <summary>The first with everything that is used here; PUT /entropy came with it.</summary>
    private static readonly Version Oldest = new(1, 4);

    /// <summary>
    /// A reset by the keyboard controller is the end of the process, and Ctrl-Alt-Del comes through it; the rest of
    /// i8042 and the bounce buffers need not be looked for.
    /// </summary>
    private const string KernelParameters =
        "console=ttyS0 quiet reboot=k panic=-1 i8042.noaux i8042.nomux i8042.dumbkbd swiotlb=noforce";

    /// <exception cref="HypervisorException">The kernel parameters are too long.</exception>
    public static FirecrackerBoot Of(VmLaunch launch)
    {
        var bootArgs = $"{KernelParameters} {launch.GuestArguments}".TrimEnd();
        if (Encoding.UTF8.GetByteCount(bootArgs) > LongestBootArgs)
            throw new HypervisorException($"the kernel parameters have more than {LongestBootArgs} bytes");
        return new FirecrackerBoot(
            new MachineConfig(launch.Vcpus, launch.MemoryMib),
            new BootSource(launch.Image.KernelElf, launch.Image.Initramfs, bootArgs),
            [
                new Drive("root", launch.Disks.Root, IsRootDevice: false, launch.Disks.RootReadOnly),
                .. launch.Disks.Overlay is { } overlay
                    ? (ReadOnlySpan<Drive>)[new Drive("overlay", overlay, IsRootDevice: false, IsReadOnly: false)]
                    : [],
            ],
            launch.OpenTap is null
                ? null
                : new NetworkInterface(
                    InterfaceId,
                    launch.Attachment.TapName,
                    launch.Attachment.Mac.ToString(),
                    launch.RateLimit is { } rx ? RateLimiter.Incoming(rx) : null,
                    launch.RateLimit is { } tx ? RateLimiter.Outgoing(tx) : null
                )
        );
    }

    /// <summary>Waits for the API, configures the VM, starts it.</summary>
    /// <exception cref="HypervisorException">Names the call that was refused, with what Firecracker said.</exception>
    public async Task RunAsync(FirecrackerClient client, CancellationToken cancellationToken)
    {
        var version = await client.WaitUntilReadyAsync(cancellationToken);
        if (version < Oldest)
            throw new HypervisorException($"version {version} is too old, {Oldest} or later is needed");
        // 1
        await client.PutAsync("machine-config", Machine, FirecrackerJson.Default.MachineConfig, cancellationToken);
        // 2
        await client.PutAsync("boot-source", Source, FirecrackerJson.Default.BootSource, cancellationToken);
        // 3
        foreach (var drive in Drives)
            await client.PutAsync($"drives/{drive.DriveId}", drive, FirecrackerJson.Default.Drive, cancellationToken);
        // 4
        if (Network is { } network)
        {
            var path = $"network-interfaces/{network.IfaceId}";
            await client.PutAsync(path, network, FirecrackerJson.Default.NetworkInterface, cancellationToken);
        }
        // 5
        await client.PutAsync("entropy", new EntropyDevice(), FirecrackerJson.Default.EntropyDevice, cancellationToken);
        // 6
        await client.PutAsync(
            "actions",
            new InstanceAction("InstanceStart"),
            FirecrackerJson.Default.InstanceAction,
            cancellationToken
        );
    }
}
