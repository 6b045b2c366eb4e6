using MasterController.Core.HostNetwork;
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

    /// <summary>Asks the guest to end by itself (power button, Ctrl-Alt-Del); false if it could not be asked.</summary>
    Task<bool> RequestShutdownAsync(VmDirectory directory, CancellationToken cancellationToken);
}

/// <summary>Everything a hypervisor needs to start one VM.</summary>
/// <param name="Tap">The opened TAP, for hypervisors that take a descriptor; the caller disposes it.</param>
/// <param name="GuestArguments">Kernel parameters of ours ("ip=…"); the hypervisor puts its own before them.</param>
public sealed record VmLaunch(
    string VmId,
    VmDirectory Directory,
    ImageFiles Image,
    VmDisks Disks,
    int Vcpus,
    int MemoryMib,
    Attachment Attachment,
    SafeFileHandle Tap,
    string GuestArguments
);

/// <summary>A VM's own directory: mode 0700, owned by the VM's user.</summary>
public sealed record VmDirectory(string Path)
{
    /// <summary>What the guest wrote to its serial console; trimmed by the controller, never by the guest.</summary>
    public string ConsoleLog => System.IO.Path.Combine(Path, "console.log");

    /// <summary>What the hypervisor itself wrote: its standard output and error.</summary>
    public string HypervisorLog => System.IO.Path.Combine(Path, "hypervisor.log");

    /// <summary>QMP or the Firecracker API. A Unix socket path has at most 107 bytes (unix(7)).</summary>
    public string ControlSocket => System.IO.Path.Combine(Path, "control.sock");

    public string RootDisk => System.IO.Path.Combine(Path, "root.img");

    public string OverlayDisk => System.IO.Path.Combine(Path, "overlay.img");
}

/// <summary>The VM process could not be started or talked to; nothing of it is left running.</summary>
public sealed class HypervisorException(string message, Exception? inner = null) : Exception(message, inner);
