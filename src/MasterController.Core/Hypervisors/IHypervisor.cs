using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Images;
using MasterController.Linux.Processes;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.Hypervisors;

/// <summary>Starts and ends VM processes. One VM is one process; the process outlives the controller.</summary>
public interface IHypervisor
{
    /// <summary>"firecracker", "qemu" (KVM) or "qemu-tcg", as shown with a VM.</summary>
    string Name { get; }

    /// <summary>
    /// Starts the VM process detached, as the attachment's user, and returns when the guest's vCPUs run.
    /// When it throws, no process is left.
    /// </summary>
    /// <exception cref="HypervisorException">The message carries what the hypervisor said.</exception>
    Task<ProcessIdentity> StartAsync(VmLaunch launch, CancellationToken cancellationToken);

    /// <summary>Whether it limits the traffic of its guests itself: at their start, and while they run.</summary>
    bool LimitsTraffic { get; }

    /// <summary>Limits a running guest anew; only where <see cref="LimitsTraffic"/>.</summary>
    /// <param name="limit">Null: not at all.</param>
    /// <exception cref="HypervisorException">Refused; the former limit is in force.</exception>
    Task LimitAsync(VmDirectory directory, RateLimit? limit, CancellationToken cancellationToken);

    /// <summary>Asks the guest to end by itself (power button, Ctrl-Alt-Del); false if it could not be asked.</summary>
    Task<bool> RequestShutdownAsync(VmDirectory directory, CancellationToken cancellationToken);
}

/// <summary>The hypervisors of this host.</summary>
public interface IHypervisors
{
    /// <summary>The hypervisor to start VMs of this image with; the first call may take as long as a timed boot.</summary>
    /// <exception cref="HypervisorException">None can be used here; the message says why.</exception>
    Task<IHypervisor> SelectAsync(ImageFiles image, CancellationToken cancellationToken);

    /// <summary>The one that started a VM, by <see cref="IHypervisor.Name"/>.</summary>
    IHypervisor ByName(string name);
}

/// <summary>Everything a hypervisor needs to start one VM.</summary>
/// <param name="OpenTap">
/// Opens the TAP for a hypervisor that takes a descriptor, which disposes it. It is called for no other: a TAP has one
/// queue, and while it is open Firecracker, which opens it by name, gets EBUSY. Null for a guest without network.
/// </param>
/// <param name="RateLimit">For one that limits traffic itself.</param>
/// <param name="GuestArguments">Kernel parameters of ours ("ip=…"); the hypervisor puts its own before them.</param>
public sealed record VmLaunch(
    string VmId,
    VmDirectory Directory,
    ImageFiles Image,
    VmDisks Disks,
    int Vcpus,
    int MemoryMib,
    Attachment Attachment,
    Func<CancellationToken, Task<SafeFileHandle>>? OpenTap,
    string GuestArguments,
    RateLimit? RateLimit = null
);

/// <summary>The VM process could not be started or talked to; nothing that was just started is left running.</summary>
public sealed class HypervisorException(string message, Exception? inner = null) : Exception(message, inner);
