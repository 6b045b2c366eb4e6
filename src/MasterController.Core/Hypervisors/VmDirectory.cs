using System.Text;
using MasterController.Linux.Processes;

namespace MasterController.Core.Hypervisors;

/// <summary>
/// A VM's own directory: mode 0700, owned by the VM's user. Whoever reads or writes in it with greater rights goes
/// through <see cref="SharedDirectoryFile"/>: a guest that has taken over its hypervisor could put links there.
/// The directories above must let every user pass (mode 0711), or the VM process does not reach its own.
/// </summary>
public sealed record VmDirectory(string Path)
{
    /// <summary>sizeof(sun_path), unix(7), less the final zero and the sign that marks a socket's temporary name.</summary>
    private const int LongestSocketPath = 106;

    /// <summary>What the guest wrote to its serial console; trimmed by the controller, never by the guest.</summary>
    public string ConsoleLog => System.IO.Path.Combine(Path, "console.log");

    /// <summary>What the hypervisor itself wrote: its standard output and error.</summary>
    public string HypervisorLog => System.IO.Path.Combine(Path, "hypervisor.log");

    /// <summary>Firecracker's own log; apart from the other, since it does not append.</summary>
    public string FirecrackerLog => System.IO.Path.Combine(Path, "firecracker.log");

    /// <summary>QMP or the Firecracker API. At most 106 bytes.</summary>
    public string ControlSocket => System.IO.Path.Combine(Path, "control.sock");

    public string RootDisk => System.IO.Path.Combine(Path, "root.img");

    public string OverlayDisk => System.IO.Path.Combine(Path, "overlay.img");

    /// <summary>Makes the directory, or makes an existing one the user's.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public void Create(uint ownerUid) => SharedDirectoryFile.MakeDirectory(Path, ownerUid);

    /// <exception cref="HypervisorException">The state directory's path is too long for sockets in it.</exception>
    internal void CheckSocketPath()
    {
        var length = Encoding.UTF8.GetByteCount(ControlSocket);
        if (length > LongestSocketPath)
            throw new HypervisorException(
                $"the socket path {ControlSocket} has {length} bytes, {LongestSocketPath} are possible: choose a shorter state directory"
            );
    }
}
