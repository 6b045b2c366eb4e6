using System.Diagnostics;
using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;
using MasterController.Core.Images;

namespace MasterController.Bench.Measurements;

/// <summary>
/// What VMs cost: time from the wish to the guest's ready line, beside the same QEMU without a controller, and the
/// controller's memory. Both kinds in turns, while the VMs that were made before run on idle.
/// </summary>
internal sealed class LifecycleMeasurement(Workplace workplace)
{
    private const int Vms = 10;

    /// <summary>Long enough for what a controller or a guest does after it is ready to be over.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    private readonly List<TimeSpan> _accepted = [];
    private readonly List<TimeSpan> _running = [];
    private readonly List<TimeSpan> _ready = [];
    private readonly List<BareTimes> _bare = [];
    private readonly Dictionary<string, List<double>> _steps = [];

    public async Task<Report> RunAsync()
    {
        var before = Machine.Read();
        var directory = workplace.NewDirectory("lifecycle");
        TimeSpan built;
        await using (var builder = await Controller.StartAsync(workplace, directory))
        {
            var began = Stopwatch.GetTimestamp();
            await new ControllerClient(builder.Http).BuildImageAsync();
            built = Stopwatch.GetElapsedTime(began);
        }

        // Another process, so that its memory tells nothing of the build.
        await using var controller = await Controller.StartAsync(workplace, directory);
        var client = new ControllerClient(controller.Http);
        var image =
            new ImageCatalog(Path.Combine(directory, "state/images")).Find("golden")
            ?? throw new InvalidOperationException("the image is not where it was expected");
        var bare = new BareQemu(image, workplace.NewDirectory("bare"));
        await Task.Delay(Settle);
        var empty = ResidentMemory.Of(controller.Pid);

        var hypervisor = "";
        for (var i = 1; i <= Vms; i++)
        {
            var vm = await CreateAsync(client, $"vm-{i}");
            hypervisor = vm.Hypervisor!;
            await Task.Delay(Settle);
            _bare.Add(await bare.TimeAsync(vm.Pid!.Value));
            Console.WriteLine(
                $"{vm.Name}: {_ready[^1].TotalMilliseconds:0} ms, bare {_bare[^1].Ready.TotalMilliseconds:0} ms"
            );
        }
        await Task.Delay(Settle);
        var full = ResidentMemory.Of(controller.Pid);
        await client.DeleteAllAsync();

        var ready = Figure.Milliseconds($"POST to the ready line ({hypervisor})", _ready);
        var running = Figure.Milliseconds("POST to running", _running);
        var alone = Figure.Milliseconds("bare QEMU to the ready line", _bare.Select(b => b.Ready));
        return new Report(
            "lifecycle",
            TimeProvider.System.GetUtcNow(),
            before,
            Machine.Read(),
            [
                Figure.Milliseconds("POST to 202", _accepted),
                .. _steps.Select(step => Figure.Of($"step {step.Key}", "ms", step.Value)),
                Figure.Milliseconds("bare QEMU to its greeting", _bare.Select(b => b.Answers)),
                running,
                ready,
                alone,
                Figure.Milliseconds("difference within a pair", _ready.Zip(_bare, (r, b) => r - b.Ready)),
                .. Memory("0 VMs", empty),
                .. Memory($"{Vms} VMs", full),
                Figure.Of("image build", "s", built.TotalSeconds),
            ],
            [Comparison.Of(ready, alone), Comparison.Of(running, ready)]
        );
    }

    private async Task<Contracts.Vm> CreateAsync(ControllerClient client, string name)
    {
        var wished = TimeProvider.System.GetUtcNow();
        var began = Stopwatch.GetTimestamp();
        var vm = await client.CreateAsync(name);
        _accepted.Add(Stopwatch.GetElapsedTime(began));
        await client.WaitRunningAsync(vm.Id);
        _running.Add(Stopwatch.GetElapsedTime(began));
        vm = await client.WaitReadyAsync(vm.Id);
        _ready.Add(vm.ReadyAt!.Value - wished);
        foreach (var step in (await client.CreationOfAsync(vm.Id)).Steps)
        {
            if (!_steps.TryGetValue(step.Name, out var times))
                _steps[step.Name] = times = [];
            times.Add(step.Milliseconds!.Value);
        }
        return vm;
    }

    private static IEnumerable<Figure> Memory(string state, ResidentMemory memory) =>
        [
            Figure.Of($"controller's memory with {state}: VmRSS", "MiB", memory.Resident),
            Figure.Of($"controller's memory with {state}: Pss", "MiB", memory.Proportional),
            Figure.Of($"controller's memory with {state}: anonymous", "MiB", memory.Anonymous),
        ];
}
