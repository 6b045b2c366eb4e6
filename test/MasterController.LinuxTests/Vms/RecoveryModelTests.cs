using CsCheck;
using MasterController.Core.Vms;
using MasterController.Linux.Processes;

namespace MasterController.LinuxTests.Vms;

/// <summary>Random wishes, deaths and crashes against what they must come to.</summary>
public sealed class RecoveryModelTests
{
    private const int Sequences = 20;
    private const int Steps = 15;

    private enum Step
    {
        Create,
        Stop,
        Start,
        Restart,
        Delete,
        Kill,
        Crash,
    }

    [Fact]
    public async Task After_any_sequence_of_wishes_deaths_and_crashes_VMs_are_what_was_asked_for()
    {
        var sequences = Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 7], Gen.Bool).Array[Steps].Array[Sequences];
        await sequences.SampleAsync(
            async all =>
            {
                foreach (var sequence in all)
                    await RunAsync(sequence);
            },
            iter: 1,
            threads: 1
        );
    }

    private static async Task RunAsync((Step Step, int Which, bool Settles)[] sequence)
    {
        await using var machine = new Machine();
        var controller = await machine.StartAsync();
        SortedDictionary<string, VmStatus> model = [];
        foreach (var (step, which, settles) in sequence)
        {
            if (step == Step.Crash)
            {
                await controller.CrashBetweenFilesAsync();
                controller = await machine.StartAsync();
            }
            else if (step == Step.Create)
            {
                if (model.Count < 4)
                    model[(await controller.AcceptAsync(new VmRequest())).Id] = VmStatus.Running;
            }
            else if (model.Count > 0)
            {
                var id = model.Keys.ElementAt(which % model.Count);
                // A wish about a VM that is at work might be refused, and a death during it might be made good.
                if (step != Step.Delete)
                    await controller.EventuallyAsync(id, model[id]);
                await ActAsync(controller, step, id, model);
            }
            if (settles)
                await AssertAsync(controller, model);
        }
        await AssertAsync(controller, model);
    }

    private static async Task ActAsync(
        Controller controller,
        Step step,
        string id,
        SortedDictionary<string, VmStatus> model
    )
    {
        var vms = controller.Vms;
        switch (step)
        {
            case Step.Stop:
                Assert.IsType<VmOutcome.Accepted>(await vms.StopAsync(id, TimeSpan.Zero));
                model[id] = VmStatus.Stopped;
                break;
            case Step.Start:
                Assert.IsType<VmOutcome.Accepted>(await vms.StartAsync(id));
                model[id] = VmStatus.Running;
                break;
            case Step.Restart:
                Assert.IsType<VmOutcome.Accepted>(await vms.RestartAsync(id, timeout: null));
                model[id] = VmStatus.Running;
                break;
            case Step.Delete:
                Assert.IsType<VmOutcome.Accepted>(await vms.DeleteAsync(id));
                model.Remove(id);
                break;
            case Step.Kill when vms.Find(id) is { Status: VmStatus.Running, Process: { } process }:
                process.Signal(UnixSignal.Kill);
                model[id] = VmStatus.Failed;
                break;
        }
    }

    private static async Task AssertAsync(Controller controller, SortedDictionary<string, VmStatus> model)
    {
        foreach (var (id, status) in model)
            await controller.EventuallyAsync(id, status);
        await controller.AssertConsistentAsync();
        Assert.Equal(model.Keys, controller.Vms.All.Select(v => v.Id).Order());
    }
}
