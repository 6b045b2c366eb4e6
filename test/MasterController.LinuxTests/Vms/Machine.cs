using System.Text.Json;
using MasterController.Core.External;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Core.Quotas;
using MasterController.Core.Vms;
using MasterController.Linux.Processes;
using MasterController.LinuxTests.EndToEnd;
using MasterController.Tests.Images;
using MasterController.Tests.Store;

namespace MasterController.LinuxTests.Vms;

/// <summary>What outlives a controller: the store, the host network, the VMs' processes and their directories.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly ProcessExitWatcher _exits = new();
    private readonly List<Controller> _controllers = [];

    public Machine(TimeProvider? clock = null)
    {
        Clock = clock ?? TimeProvider.System;
        Processes = new VmProcesses(StateId, _exits, cgroups: null, TimeProvider.System);
        Hypervisor = new FakeHypervisor(Processes);
        PlaceImage("golden");
    }

    public string StateId { get; } = $"test-{Guid.NewGuid():n}";

    public TimeProvider Clock { get; }

    public InMemoryStateStore Store { get; } = new();

    public FakeNetwork Network { get; } = new();

    public FakeHypervisor Hypervisor { get; }

    public VmProcesses Processes { get; }

    public VmSettings Settings { get; set; } = VmSettings.Default with { StopTimeout = TimeSpan.FromMinutes(5) };

    /// <summary>What dedicated addresses there are; none unless a test says so.</summary>
    public ExternalSettings External { get; set; } = ExternalSettings.None;

    /// <summary>What owners may have; without limits unless a test says so.</summary>
    public QuotaLimits Quota { get; set; } = QuotaLimits.None;

    public string Images => _scratch["images"];

    public VmDirectories Directories => new(_scratch["vms"]);

    public string this[string name] => _scratch[name];

    /// <summary>Starts a controller over what is there; a former one has to have crashed.</summary>
    public async Task<Controller> StartAsync()
    {
        await Eventually.TrueAsync(() => !Hypervisor.IsStarting, "no process is being started");
        Store.Restart();
        var controller = new Controller(this);
        _controllers.Add(controller);
        await controller.RecoverAsync();
        return controller;
    }

    public string PathOf(string vmId) => Directories.Of(vmId).Path;

    public void WriteConsole(string vmId, string text) => File.AppendAllText(Directories.Of(vmId).ConsoleLog, text);

    public void PlaceImage(string name)
    {
        var folder = Path.Combine(Images, name);
        Directory.CreateDirectory(folder);
        var content = "content"u8.ToArray();
        foreach (var file in ImageManifest.FileNames)
            File.WriteAllBytes(Path.Combine(folder, file), content);
        var checksum = new FileChecksum(content.Length, Core.Images.Build.Sha256.Of(content));
        var manifest = new ImageManifest(
            name,
            "6.1.0-1",
            Packages: [],
            ImageManifest.FileNames.ToDictionary(f => f, _ => checksum),
            DateTimeOffset.UnixEpoch
        );
        File.WriteAllBytes(
            Path.Combine(folder, ImageManifest.FileName),
            JsonSerializer.SerializeToUtf8Bytes(manifest, ImagesJson.Default.ImageManifest)
        );
    }

    /// <summary>A crashed controller's tasks may be in the middle of making a file.</summary>
    private async Task DeleteScratchAsync()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                _scratch.Dispose();
                return;
            }
            catch (IOException) when (tries < 50)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var controller in _controllers)
            controller.Crash();
        foreach (var left in Processes.Find())
            await Processes.KillAsync(left.Process, CancellationToken.None);
        Hypervisor.Dispose();
        _exits.Dispose();
        await DeleteScratchAsync();
    }
}
