using MasterController.Core.HostNetwork;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Linux.Addresses;
using MasterController.Linux.Processes;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace MasterController.LinuxTests.Hypervisors;

/// <summary>The place and the launch of one VM; its process, if one is left, is ended with it.</summary>
internal sealed class TestVm : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static int Last;

    private readonly string _parent = Directory.CreateTempSubdirectory("mc-vm-").FullName;

    public TestVm(MinimalGuest guest, string guestArguments)
    {
        File.SetUnixFileMode(_parent, (UnixFileMode)0x1C9);
        var address = new Ipv4Address(Ipv4Address.Parse("10.99.0.0").Value + (uint)Interlocked.Increment(ref Last));
        Processes = new VmProcesses(StateId, Exits, cgroups: null, TimeProvider.System);
        Place = new VmDirectory(Path.Combine(_parent, "vm"));
        Place.Create(HypervisorUser.Of(address));
        Launch = new VmLaunch(
            $"vm-{address.Value:x8}",
            Place,
            guest.Image,
            new VmDisks(guest.Image.RootDisk, RootReadOnly: true, Overlay: null),
            Vcpus: 1,
            MemoryMib: 128,
            new Attachment(address, Gateway: null, HypervisorUser.Of(address)),
            OpenTap: null,
            guestArguments
        );
    }

    public string StateId { get; } = Guid.NewGuid().ToString("N");

    public ProcessExitWatcher Exits { get; } = new();

    public VmProcesses Processes { get; }

    public VmDirectory Place { get; }

    public VmLaunch Launch { get; set; }

    /// <summary>A sparse disk of the VM's own.</summary>
    public VmLaunch WithOverlay(long size)
    {
        using (var disk = SharedDirectoryFile.OpenForAppend(Place.OverlayDisk, Launch.Attachment.OwnerUid))
            RandomAccess.SetLength(disk, size);
        return Launch = Launch with { Disks = Launch.Disks with { Overlay = Place.OverlayDisk } };
    }

    public VmLaunch WithTap(Func<CancellationToken, Task<SafeFileHandle>> open) =>
        Launch = Launch with { OpenTap = open };

    public string Console => File.Exists(Place.ConsoleLog) ? File.ReadAllText(Place.ConsoleLog) : "";

    public async Task ConsoleSaysAsync(string text, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            while (!Console.Contains(text))
                await Task.Delay(50, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"\"{text}\" is not on the console: {Console}");
        }
    }

    public Task<ProcessExit> ExitAsync(ProcessIdentity process, CancellationToken cancellationToken) =>
        Exits.WatchAsync(process, cancellationToken).WaitAsync(Patience, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var left in Processes.Find())
            await Processes.KillAsync(left.Process, CancellationToken.None);
        Exits.Dispose();
        Directory.Delete(_parent, recursive: true);
    }
}
