using System.Runtime.InteropServices;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Processes;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.Hypervisors.Qemu;

/// <summary>QEMU's "microvm" machine, with KVM or with TCG, which needs no virtualisation at all.</summary>
internal sealed class QemuHypervisor(HypervisorBinary binary, QemuAccelerator accelerator, VmProcesses processes)
    : IHypervisor
{
    public const string KvmName = "qemu";
    public const string TcgName = "qemu-tcg";

    private const int FirstDescriptor = 3;

    /// <summary>QEMU's own memory; with TCG the translated code comes to it.</summary>
    private const int KvmOverheadMib = 256;
    private const int TcgOverheadMib = KvmOverheadMib + (2 * QemuArguments.TranslationMib);

    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Version? _version;

    public string Name => accelerator == QemuAccelerator.Kvm ? KvmName : TcgName;

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

    /// <summary>The machine has no filter for the rate of a TAP.</summary>
    public bool LimitsTraffic => false;

    public Task LimitAsync(VmDirectory directory, RateLimit? limit, CancellationToken cancellationToken) =>
        Task.FromException(new HypervisorException("QEMU does not limit the traffic of its guests"));

    public async Task<bool> RequestShutdownAsync(VmDirectory directory, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerTime);
        try
        {
            using var qmp = await QmpClient.ConnectAsync(directory.ControlSocket, deadline.Token);
            await qmp.PowerDownAsync(deadline.Token);
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
        uint? group = accelerator == QemuAccelerator.Kvm ? KvmAccess.RequiredGroup() : null;
        using var console = SharedDirectoryFile.OpenForAppend(launch.Directory.ConsoleLog, launch.Attachment.OwnerUid);
        // The socket listens before QEMU runs: a connection waits for QEMU, and breaks when QEMU ends.
        using var control = ControlSocket.Listen(launch.Directory.ControlSocket);
        using SafeFileHandle? tap = launch.OpenTap is { } open ? await open(cancellationToken) : null;
        var descriptors = tap is null ? (SafeHandle[])[control.SafeHandle] : [tap, control.SafeHandle];
        var host = new QemuHost(
            accelerator,
            await VersionAsync(cancellationToken),
            HostTsc.ReadKilohertz(),
            TapDescriptor: tap is null ? null : FirstDescriptor,
            QmpDescriptor: FirstDescriptor + descriptors.Length - 1
        );
        var command = new VmCommand(
            "QEMU",
            binary.Path,
            QemuArguments.Build(launch, host),
            Output: null,
            descriptors,
            group,
            VmCommand.LimitsOf(launch, accelerator == QemuAccelerator.Kvm ? KvmOverheadMib : TcgOverheadMib)
        );
        return await processes.StartAsync(
            launch,
            command,
            async token =>
            {
                // Only QEMU shall hold the listening end, so that its end is seen on the connection.
                control.Dispose();
                await ConfirmAsync(launch.Directory.ControlSocket, token);
            },
            cancellationToken
        );
    }

    private static async Task ConfirmAsync(string socket, CancellationToken cancellationToken)
    {
        using var qmp = await QmpClient.ConnectAsync(socket, cancellationToken);
        var status = await qmp.QueryStatusAsync(cancellationToken);
        if (status != "running")
            throw new HypervisorException($"the guest is \"{status}\", not running");
    }

    private async Task<Version?> VersionAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_version is not null)
                return _version;
        }
        var version = await binary.ReadVersionAsync(cancellationToken);
        lock (_lock)
            return _version = version;
    }
}
