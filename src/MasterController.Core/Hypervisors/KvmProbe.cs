using System.Text;
using MasterController.Core.HostNetwork;
using MasterController.Core.Images;
using MasterController.Linux.Addresses;
using MasterController.Linux.Processes;

namespace MasterController.Core.Hypervisors;

/// <summary>
/// Finds out whether KVM boots a guest, by booting one: there are hosts where /dev/kvm opens and makes virtual
/// processors, and yet no kernel gets anywhere. The guest is the image's kernel with an init that does not exist, so
/// that it ends by itself as soon as it has come up.
/// </summary>
/// <param name="directory">For the probe's files; made and removed here.</param>
/// <param name="limit">How long the guest may take to come up.</param>
internal sealed class KvmProbe(
    IHypervisor hypervisor,
    VmProcesses processes,
    string directory,
    TimeSpan limit,
    TimeProvider clock
)
{
    /// <summary>The mark of the probe's process: no VM has this id, so recovery removes a probe that was left over.</summary>
    public const string VmId = "kvm-probe";

    private const int MemoryMib = 256;
    private const int MostConsoleBytes = 256 * 1024;

    /// <summary>A guest that comes up does so in one to two seconds.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    /// <summary>No guest has this address, so none has the user that comes from it.</summary>
    private static readonly Attachment NoAttachment = new(
        Ipv4Address.Parse("0.0.0.0"),
        Gateway: null,
        HypervisorUser.Of(Ipv4Address.Parse("0.0.0.0"))
    );

    /// <summary>With a root that is not there the kernel gives up where it would start user space.</summary>
    private const string GuestArguments = "ignore_loglevel rdinit=/none root=/dev/none";

    private static readonly string[] CameUp =
    [
        "VFS: Cannot open root device",
        "Unable to mount root fs",
        "No working init found",
        "Requested init",
    ];

    public async Task<KvmVerdict> RunAsync(ImageFiles image, string key, CancellationToken cancellationToken)
    {
        var place = new VmDirectory(directory);
        Remove();
        place.Create(NoAttachment.OwnerUid);
        try
        {
            var (boots, detail) = await BootAsync(image, place, cancellationToken);
            return new KvmVerdict(key, boots, detail, clock.GetUtcNow());
        }
        finally
        {
            Remove();
        }
    }

    private async Task<(bool Boots, string Detail)> BootAsync(
        ImageFiles image,
        VmDirectory place,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        ProcessIdentity? process = null;
        try
        {
            process = await hypervisor.StartAsync(LaunchOf(image, place), either.Token);
            var exit = await processes.WatchAsync(process.Value, either.Token);
            var console = ReadConsole(place);
            return CameUp.Any(console.Contains)
                ? (true, $"a guest booted under {hypervisor.Name}")
                : (false, $"the guest under {hypervisor.Name} ended early, {exit}: {LastLine(console)}");
        }
        catch (HypervisorException e)
        {
            return (false, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var seen = LastLine(ReadConsole(place));
            return (false, $"no guest booted under {hypervisor.Name} within {limit.TotalSeconds:0} s: {seen}");
        }
        finally
        {
            if (process is { } started)
            {
                await processes.KillAsync(started, CancellationToken.None);
                processes.Forget(VmId);
            }
        }
    }

    /// <summary>Firecracker wants a disk where a root is named; the image's base is there and stays as it is.</summary>
    private static VmLaunch LaunchOf(ImageFiles image, VmDirectory place) =>
        new(
            VmId,
            place,
            image,
            new VmDisks(image.RootDisk, RootReadOnly: true, Overlay: null),
            Vcpus: 1,
            MemoryMib,
            NoAttachment,
            OpenTap: null,
            GuestArguments
        );

    private static string ReadConsole(VmDirectory place)
    {
        if (!File.Exists(place.ConsoleLog))
            return "";
        using var console = SharedDirectoryFile.OpenForReading(place.ConsoleLog);
        var buffer = new byte[MostConsoleBytes];
        var start = Math.Max(0, RandomAccess.GetLength(console) - buffer.Length);
        return Encoding.UTF8.GetString(buffer, 0, RandomAccess.Read(console, buffer, start));
    }

    private static string LastLine(string console) =>
        console.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last]
            ? last
            : "nothing on its console";

    private void Remove()
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }
}
