using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Processes;

namespace MasterController.Core.Hypervisors.Firecracker;

/// <summary>Firecracker with KVM. The guest's console is the process's standard output.</summary>
internal sealed class FirecrackerHypervisor(HypervisorBinary binary, VmProcesses processes, TimeProvider clock)
    : IHypervisor
{
    public const string HypervisorName = "firecracker";

    /// <summary>The specification's limit is 5 MiB for a small guest; page tables grow with the guest's memory.</summary>
    private const int OverheadMib = 128;

    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    public string Name => HypervisorName;

    public async Task<ProcessIdentity> StartAsync(VmLaunch launch, CancellationToken cancellationToken)
    {
        try
        {
            return await PrepareAndStartAsync(launch, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HypervisorException($"the VM's directory could not be prepared: {e.Message}", e);
        }
    }

    public bool LimitsTraffic => true;

    public async Task LimitAsync(VmDirectory directory, RateLimit? limit, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerTime);
        try
        {
            using var client = new FirecrackerClient(directory.ControlSocket, clock);
            await client.PatchAsync(
                $"network-interfaces/{FirecrackerBoot.InterfaceId}",
                NetworkInterfaceUpdate.Of(limit),
                FirecrackerJson.Default.NetworkInterfaceUpdate,
                deadline.Token
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HypervisorException($"no answer in {AnswerTime.TotalSeconds} s");
        }
    }

    public async Task<bool> RequestShutdownAsync(VmDirectory directory, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerTime);
        try
        {
            using var client = new FirecrackerClient(directory.ControlSocket, clock);
            var keys = new InstanceAction("SendCtrlAltDel");
            await client.PutAsync("actions", keys, FirecrackerJson.Default.InstanceAction, deadline.Token);
            return true;
        }
        catch (HypervisorException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<ProcessIdentity> PrepareAndStartAsync(VmLaunch launch, CancellationToken cancellationToken)
    {
        launch.Directory.CheckSocketPath();
        var boot = FirecrackerBoot.Of(launch);
        var group = KvmAccess.RequiredGroup();
        var owner = launch.Attachment.OwnerUid;
        using var console = SharedDirectoryFile.OpenForAppend(launch.Directory.ConsoleLog, owner);
        // Firecracker writes its log from the start of the file, so that it cannot share one; it must be there.
        File.Delete(launch.Directory.FirecrackerLog);
        SharedDirectoryFile.OpenForAppend(launch.Directory.FirecrackerLog, owner).Dispose();
        // A socket that a former process left would end this one with status 1.
        File.Delete(launch.Directory.ControlSocket);
        var command = new VmCommand(
            "Firecracker",
            binary.Path,
            Arguments(launch),
            console,
            Descriptors: [],
            group,
            VmCommand.LimitsOf(launch, OverheadMib)
        );
        return await processes.StartAsync(
            launch,
            command,
            async token =>
            {
                using var client = new FirecrackerClient(launch.Directory.ControlSocket, clock);
                await boot.RunAsync(client, token);
            },
            cancellationToken
        );
    }

    /// <summary>Its own seccomp filters are in force without being asked for.</summary>
    internal static IReadOnlyList<string> Arguments(VmLaunch launch) =>
        [
            "--id",
            launch.VmId,
            "--api-sock",
            launch.Directory.ControlSocket,
            "--log-path",
            launch.Directory.FirecrackerLog,
            "--level",
            "Warning",
        ];
}
