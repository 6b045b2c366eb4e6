using System.Collections.Concurrent;
using System.IO.Pipes;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Hypervisors;
using MasterController.Core.Images;
using MasterController.Linux.Cgroups;
using MasterController.Linux.Processes;

namespace MasterController.LinuxTests.Vms;

/// <summary>
/// "Guests" are shells, started and marked as VM processes are, that wait on a pipe for the exit status to end with.
/// They end with this process at the latest.
/// </summary>
internal sealed class FakeHypervisor(VmProcesses processes) : IDisposable
{
    public const string Name = "fake";

    private readonly ConcurrentDictionary<string, AnonymousPipeServerStream> _guests = new();
    private readonly ConcurrentBag<AnonymousPipeServerStream> _pipes = [];
    private int _started;
    private int _starting;

    public bool GuestsObey { get; set; } = true;

    public bool LimitsTraffic { get; set; }

    /// <summary>What was told last, by VM.</summary>
    public ConcurrentDictionary<string, RateLimit?> Limits { get; } = new();

    public Func<CancellationToken, Task> BeforeStart { get; set; } = _ => Task.CompletedTask;

    /// <summary>The process runs, and the controller does not know it yet.</summary>
    public Func<CancellationToken, Task> AfterStart { get; set; } = _ => Task.CompletedTask;

    public int Started => _started;

    public string LastGuestArguments { get; private set; } = "";

    public IHypervisors For(Life life) => new View(this, life);

    /// <summary>The guest of a VM ends by itself.</summary>
    public void End(string vmId, int status)
    {
        try
        {
            _guests[vmId].Write(System.Text.Encoding.ASCII.GetBytes($"{status}\n"));
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    public void Dispose()
    {
        foreach (var pipe in _pipes)
            pipe.Dispose();
    }

    /// <summary>A process is either started before a crash or not at all, never by a controller that is dead.</summary>
    public bool IsStarting => Volatile.Read(ref _starting) > 0;

    private async Task<ProcessIdentity> StartAsync(VmLaunch launch, Life life, CancellationToken cancellationToken)
    {
        await BeforeStart(cancellationToken);
        Interlocked.Increment(ref _starting);
        ProcessIdentity process;
        try
        {
            process = life.HasEnded ? default : await SpawnAsync(launch, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _starting);
        }
        await life.PassAsync();
        await AfterStart(cancellationToken);
        return process;
    }

    private async Task<ProcessIdentity> SpawnAsync(VmLaunch launch, CancellationToken cancellationToken)
    {
        LastGuestArguments = launch.GuestArguments;
        Limits[launch.VmId] = launch.RateLimit;
        var word = $"up-{Interlocked.Increment(ref _started)}.";
        var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        _pipes.Add(pipe);
        _guests[launch.VmId] = pipe;
        var command = new VmCommand(
            Name,
            "/bin/sh",
            ["-c", $"echo {word}; read status <&3; exit ${{status:-0}}"],
            Output: null,
            [pipe.ClientSafePipeHandle],
            DeviceGroup: null,
            new CgroupLimits(MemoryBytes: 1 << 30, Cpus: 1, Processes: 16)
        );
        var process = await processes.StartAsync(launch, command, IsUpAsync, cancellationToken);
        pipe.DisposeLocalCopyOfClientHandle();
        return process;

        async Task IsUpAsync(CancellationToken token)
        {
            while (!(await File.ReadAllTextAsync(launch.Directory.HypervisorLog, token)).Contains(word))
                await Task.Delay(TimeSpan.FromMilliseconds(5), token);
        }
    }

    private sealed class View(FakeHypervisor owner, Life life) : IHypervisors, IHypervisor
    {
        string IHypervisor.Name => Name;

        public Task<IHypervisor> SelectAsync(ImageFiles image, CancellationToken cancellationToken) =>
            Task.FromResult<IHypervisor>(this);

        public IHypervisor ByName(string name) => name == Name ? this : throw new HypervisorException(name);

        public async Task<ProcessIdentity> StartAsync(VmLaunch launch, CancellationToken cancellationToken)
        {
            await life.PassAsync();
            var process = await owner.StartAsync(launch, life, cancellationToken);
            await life.PassAsync();
            return process;
        }

        public bool LimitsTraffic => owner.LimitsTraffic;

        public async Task LimitAsync(VmDirectory directory, RateLimit? limit, CancellationToken cancellationToken)
        {
            await life.PassAsync();
            owner.Limits[Path.GetFileName(directory.Path)] = limit;
        }

        public async Task<bool> RequestShutdownAsync(VmDirectory directory, CancellationToken cancellationToken)
        {
            await life.PassAsync();
            if (owner.GuestsObey)
                owner.End(Path.GetFileName(directory.Path), 0);
            return true;
        }
    }
}
