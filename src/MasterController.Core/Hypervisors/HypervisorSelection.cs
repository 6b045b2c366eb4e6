using System.Text.Json;
using MasterController.Core.Hypervisors.Firecracker;
using MasterController.Core.Hypervisors.Qemu;
using MasterController.Core.Images;
using MasterController.Core.Store;
using MasterController.Linux.Processes;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.Hypervisors;

/// <param name="Wanted">"auto", "firecracker" or "qemu".</param>
/// <param name="FirecrackerPath">A name is looked up in PATH.</param>
/// <param name="UseKvm">"auto" finds out by a timed boot; "on" and "off" decide.</param>
/// <param name="KvmBootLimit">How long that boot may take; <see cref="KvmProbe.DefaultLimit"/> when null.</param>
public sealed record HypervisorOptions(
    string Wanted = "auto",
    string FirecrackerPath = "firecracker",
    string QemuPath = "qemu-system-x86_64",
    string UseKvm = "auto",
    TimeSpan? KvmBootLimit = null
);

/// <summary>
/// Chooses the hypervisor: Firecracker where its binary is there and KVM boots a guest within the time limit,
/// else QEMU with KVM if it boots, else QEMU with TCG. The verdict on KVM is kept in the store, for each hypervisor
/// under <see cref="KvmVerdictSetting"/> with its name, and made again when kernel, binary or image change.
/// </summary>
/// <param name="probeDirectory">Made and removed here; a Unix socket path must fit below it.</param>
public sealed partial class HypervisorSelection(
    HypervisorOptions options,
    VmProcesses processes,
    IStateStore store,
    string probeDirectory,
    TimeProvider clock,
    ILogger<HypervisorSelection> logger
) : IHypervisors, IAsyncDisposable
{
    public const string KvmVerdictSetting = "kvm-verdict";

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>One probe at a time: they share the directory, and two would slow each other past the limit.</summary>
    private readonly SemaphoreSlim _probing = new(1);
    private readonly Dictionary<string, KvmVerdict> _verdicts = [];
    private readonly Dictionary<(HypervisorBinary, QemuAccelerator), QemuHypervisor> _qemu = [];
    private IReadOnlyDictionary<string, string> _settings = new Dictionary<string, string>();
    private Task<IHypervisor>? _selecting;
    private ImageFiles? _selectedFor;

    /// <summary>Takes over the verdicts that the store knows.</summary>
    public void Load(StoreSnapshot snapshot) => _settings = snapshot.Settings;

    /// <summary>
    /// The hypervisor to use with this image; the first call may take as long as the timed boots. Callers at the same
    /// time share them, and one that gives up does not end them for the others.
    /// </summary>
    /// <exception cref="HypervisorException">What is wanted is not installed, or is not possible here.</exception>
    public Task<IHypervisor> SelectAsync(ImageFiles image, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);

            // A finished choice is made again, from the kept verdict, since a binary may have been replaced.
            if (_selecting is not { IsCompleted: false } || _selectedFor != image)
            {
                _selectedFor = image;
                _selecting = Task.Run(() => ChooseAsync(image, _stopping.Token), CancellationToken.None);
            }
            return _selecting.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The one that started a VM, by <see cref="IHypervisor.Name"/>; for VMs found again after a restart.</summary>
    /// <exception cref="HypervisorException">There is no hypervisor of that name.</exception>
    public IHypervisor ByName(string name) =>
        name switch
        {
            FirecrackerHypervisor.HypervisorName => Firecracker(Named(options.FirecrackerPath)),
            QemuHypervisor.KvmName => Qemu(Named(options.QemuPath), QemuAccelerator.Kvm),
            QemuHypervisor.TcgName => Qemu(Named(options.QemuPath), QemuAccelerator.Tcg),
            _ => throw new HypervisorException($"there is no hypervisor \"{name}\""),
        };

    /// <summary>Ends a timed boot that is under way; may be repeated.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _probing.WaitAsync();
        _probing.Release();
    }

    private async Task<IHypervisor> ChooseAsync(ImageFiles image, CancellationToken cancellationToken)
    {
        if (options.Wanted is not ("auto" or "firecracker" or "qemu"))
            throw new HypervisorException($"hypervisor \"{options.Wanted}\" is not auto, firecracker or qemu");
        if (options.UseKvm is not ("auto" or "on" or "off"))
            throw new HypervisorException($"use of KVM \"{options.UseKvm}\" is not auto, on or off");

        if (options.Wanted != "qemu")
        {
            if (HypervisorBinary.Find(options.FirecrackerPath) is { } binary)
            {
                var firecracker = Firecracker(binary);
                // Whoever names it gets it: there is nothing to fall back to.
                if (options.Wanted == "firecracker" || await BootsAsync(firecracker, binary, image, cancellationToken))
                    return Selected(firecracker);
            }
            else if (options.Wanted == "firecracker")
            {
                throw new HypervisorException($"Firecracker is not there: {options.FirecrackerPath}");
            }
        }

        var qemu =
            HypervisorBinary.Find(options.QemuPath)
            ?? throw new HypervisorException($"QEMU is not there: {options.QemuPath}");
        var accelerated = Qemu(qemu, QemuAccelerator.Kvm);
        return Selected(
            await BootsAsync(accelerated, qemu, image, cancellationToken)
                ? accelerated
                : Qemu(qemu, QemuAccelerator.Tcg)
        );
    }

    private async Task<bool> BootsAsync(
        IHypervisor hypervisor,
        HypervisorBinary binary,
        ImageFiles image,
        CancellationToken cancellationToken
    )
    {
        if (options.UseKvm != "auto")
            return options.UseKvm == "on";
        await _probing.WaitAsync(cancellationToken);
        try
        {
            var key = KeyOf(binary, image);
            if (Kept(hypervisor.Name) is { } kept && kept.Key == key)
                return kept.Boots;
            LogProbing(hypervisor.Name);
            var verdict = await new KvmProbe(
                hypervisor,
                processes,
                probeDirectory,
                options.KvmBootLimit ?? KvmProbe.DefaultLimit,
                clock
            ).RunAsync(image, key, cancellationToken);
            LogVerdict(hypervisor.Name, verdict.Boots, verdict.Detail);
            var json = JsonSerializer.Serialize(verdict, KvmVerdictJson.Default.KvmVerdict);
            await store.CommitAsync(new StoreChange.SettingSaved(SettingOf(hypervisor.Name), json));
            lock (_lock)
                _verdicts[hypervisor.Name] = verdict;
            return verdict.Boots;
        }
        finally
        {
            _probing.Release();
        }
    }

    /// <summary>The last verdict on a hypervisor with KVM, "firecracker" or "qemu"; null where none was made.</summary>
    public KvmVerdict? Kept(string hypervisor)
    {
        lock (_lock)
        {
            if (_verdicts.TryGetValue(hypervisor, out var verdict))
                return verdict;
        }
        try
        {
            return _settings.TryGetValue(SettingOf(hypervisor), out var json)
                ? JsonSerializer.Deserialize(json, KvmVerdictJson.Default.KvmVerdict)
                : null;
        }
        catch (JsonException)
        {
            // As good as none: it is made again.
            return null;
        }
    }

    private IHypervisor Selected(IHypervisor hypervisor)
    {
        LogSelected(hypervisor.Name);
        return hypervisor;
    }

    private FirecrackerHypervisor Firecracker(HypervisorBinary binary) => new(binary, processes, clock);

    /// <summary>Kept, since each asks its binary once for the version.</summary>
    private QemuHypervisor Qemu(HypervisorBinary binary, QemuAccelerator accelerator)
    {
        lock (_lock)
        {
            if (!_qemu.TryGetValue((binary, accelerator), out var qemu))
                _qemu[(binary, accelerator)] = qemu = new QemuHypervisor(binary, accelerator, processes);
            return qemu;
        }
    }

    /// <summary>A running VM can be asked to end though its hypervisor's binary is gone.</summary>
    private static HypervisorBinary Named(string path) =>
        HypervisorBinary.Find(path) ?? new HypervisorBinary(path, default, 0);

    private static string SettingOf(string hypervisor) => $"{KvmVerdictSetting}.{hypervisor}";

    private static string KeyOf(HypervisorBinary binary, ImageFiles image) =>
        string.Join(
            '|',
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            DeviceAccess.Of(HypervisorFacts.KvmDevice),
            Stamp(binary.Path),
            Stamp(image.KernelElf),
            Stamp(image.KernelBzImage)
        );

    private static string Stamp(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? $"{path} {file.Length} {file.LastWriteTimeUtc:O}" : path;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Finding out whether KVM boots a guest under {Hypervisor}")]
    private partial void LogProbing(string hypervisor);

    [LoggerMessage(Level = LogLevel.Information, Message = "KVM under {Hypervisor} boots a guest: {Boots}; {Detail}")]
    private partial void LogVerdict(string hypervisor, bool boots, string detail);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Hypervisor: {Hypervisor}")]
    private partial void LogSelected(string hypervisor);
}
