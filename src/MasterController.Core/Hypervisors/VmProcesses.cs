using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using MasterController.Linux.Cgroups;
using MasterController.Linux.Processes;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.Hypervisors;

/// <summary>A VM process that runs, found by its mark.</summary>
/// <param name="Uid">Must be the one of the VM's address; a mark alone can be forged.</param>
public sealed record VmProcess(string VmId, ProcessIdentity Process, uint Uid);

/// <summary>
/// Starts VM processes detached, each as its own user in its own cgroup, and finds them again: they carry the state's
/// and the VM's id in their environment.
/// </summary>
/// <param name="stateId">Of this controller's store; other controllers' VMs are not ours.</param>
/// <param name="cgroups">Null where there is no cgroup v2 to use.</param>
public sealed class VmProcesses(string stateId, ProcessExitWatcher exits, CgroupTree? cgroups, TimeProvider clock)
{
    public const string StateVariable = "MASTER_CONTROLLER_STATE";
    public const string VmVariable = "MASTER_CONTROLLER_VM";

    private const int MostLogBytes = 4096;
    private const int MostLogLines = 10;

    /// <summary>Until the hypervisor answers; a loaded host with many VMs starting is slow.</summary>
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    /// <summary>All VM processes of this state; reads /proc once.</summary>
    public IReadOnlyList<VmProcess> Find() =>
        [
            .. MarkedProcesses
                .Find(StateVariable, stateId, VmVariable)
                .Select(found => new VmProcess(found.Mark, found.Process, found.Uid)),
        ];

    /// <summary>Completes when the VM process has ended, however it was started.</summary>
    public Task<ProcessExit> WatchAsync(ProcessIdentity process, CancellationToken cancellationToken) =>
        exits.WatchAsync(process, cancellationToken);

    /// <summary>Ends the process at once and returns when it is gone.</summary>
    public async Task KillAsync(ProcessIdentity process, CancellationToken cancellationToken)
    {
        var exit = exits.WatchAsync(process, cancellationToken);
        process.Signal(UnixSignal.Kill);
        await exit;
    }

    /// <summary>Takes away what the kernel still holds for a VM whose process has ended.</summary>
    public void Forget(string vmId) => cgroups?.Remove(vmId);

    /// <summary>Takes away what the kernel still holds for VMs that ended while no controller was there.</summary>
    public void ForgetAllBut(IReadOnlyCollection<string> vmIds)
    {
        foreach (var left in cgroups?.List() ?? [])
        {
            if (!vmIds.Contains(left))
                Forget(left);
        }
    }

    /// <summary>Starts the process and returns when <paramref name="confirm"/> says that the guest runs.</summary>
    /// <exception cref="HypervisorException">Nothing is left running; carries the last lines that the process wrote.</exception>
    internal async Task<ProcessIdentity> StartAsync(
        VmLaunch launch,
        VmCommand command,
        Func<CancellationToken, Task> confirm,
        CancellationToken cancellationToken
    )
    {
        using var log = SharedDirectoryFile.OpenForAppend(launch.Directory.HypervisorLog, launch.Attachment.OwnerUid);
        var logStart = RandomAccess.GetLength(log);
        var process = Spawn(launch, command, log);
        var confirmed = false;
        try
        {
            await ConfirmAsync(process, confirm, cancellationToken);
            confirmed = true;
            return process;
        }
        catch (HypervisorException e)
        {
            throw new HypervisorException($"{command.Name}: {e.Message}{LastLines(launch.Directory, logStart)}", e);
        }
        finally
        {
            if (!confirmed)
            {
                await KillAsync(process, CancellationToken.None);
                Forget(launch.VmId);
            }
        }
    }

    private ProcessIdentity Spawn(VmLaunch launch, VmCommand command, SafeFileHandle log)
    {
        var spec = new DetachedProcessSpec(
            command.Program,
            command.Arguments,
            new Dictionary<string, string>
            {
                ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                [StateVariable] = stateId,
                [VmVariable] = launch.VmId,
            },
            Output: command.Output ?? log,
            Error: log,
            command.Descriptors,
            new UnprivilegedUser(launch.Attachment.OwnerUid, command.DeviceGroup)
        );
        ProcessIdentity process;
        try
        {
            process = DetachedProcess.Start(spec);
        }
        catch (Win32Exception e)
        {
            throw new HypervisorException($"{command.Name} could not be started: {e.Message}", e);
        }
        cgroups?.Create(launch.VmId, command.Limits)?.Add(process);
        return process;
    }

    private async Task ConfirmAsync(
        ProcessIdentity process,
        Func<CancellationToken, Task> confirm,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(StartTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var exit = exits.WatchAsync(process, CancellationToken.None);
        var running = confirm(either.Token);
        if (await Task.WhenAny(running, exit) == exit)
        {
            await either.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new HypervisorException($"the process ended at once, {await exit}");
        }
        try
        {
            await running;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new HypervisorException($"no answer within {StartTime.TotalSeconds:0} s");
        }
    }

    private static string LastLines(VmDirectory directory, long start)
    {
        using var log = SharedDirectoryFile.OpenForReading(directory.HypervisorLog);
        var buffer = new byte[MostLogBytes];
        var from = Math.Max(start, RandomAccess.GetLength(log) - buffer.Length);
        var length = RandomAccess.Read(log, buffer, from);
        var lines = Encoding
            .UTF8.GetString(buffer, 0, length)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? "" : $": {string.Join("; ", lines.TakeLast(MostLogLines))}";
    }
}

/// <summary>How a hypervisor is to be run for one VM.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Output">Standard output, where that is the guest's console; else it goes to the hypervisor's log.</param>
/// <param name="Descriptors">Become 3, 4, … of the process.</param>
/// <param name="DeviceGroup">The group that may open /dev/kvm.</param>
internal sealed record VmCommand(
    string Name,
    string Program,
    IReadOnlyList<string> Arguments,
    SafeFileHandle? Output,
    IReadOnlyList<SafeHandle> Descriptors,
    uint? DeviceGroup,
    CgroupLimits Limits
)
{
    /// <summary>
    /// What a VM may use: its memory and what the hypervisor needs for itself, its vCPUs and half a processor for the
    /// devices, a thread per vCPU and those of the disk's thread pool (64 at most in QEMU).
    /// </summary>
    public static CgroupLimits LimitsOf(VmLaunch launch, int overheadMib) =>
        new(
            MemoryBytes: (launch.MemoryMib + (long)overheadMib) << 20,
            Cpus: launch.Vcpus + 0.5,
            Processes: launch.Vcpus + 128
        );
}
