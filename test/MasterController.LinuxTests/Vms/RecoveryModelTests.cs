using CsCheck;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
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
        AttachIpv4,
        MoveIpv4,
        Forward,
        Open,
        DetachAll,
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
        await using var machine = new Machine
        {
            External = ExternalSettings.None with
            {
                Networks = new ExternalNetworks(
                    Ipv6Network.Parse("2001:db8:1250::/64"),
                    Wish: null,
                    [Ipv4Network.Parse("203.0.113.32/30")]
                ),
                Cooldown = TimeSpan.Zero,
            },
        };
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
                    model[(await controller.AcceptAsync(new VmRequest(Ipv6: which % 2 == 0 ? "auto" : null))).Id] =
                        VmStatus.Running;
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
            case Step.AttachIpv4 or Step.MoveIpv4 or Step.Forward or Step.Open or Step.DetachAll:
                await ChangeAsync(controller, step, id);
                break;
            case Step.Kill when vms.Find(id) is { Status: VmStatus.Running, Process: { } process }:
                process.Signal(UnixSignal.Kill);
                model[id] = VmStatus.Failed;
                break;
        }
    }

    /// <summary>
    /// A wish that may be refused; what it came to has to be the same in record, directory, store and kernel. A VM that
    /// was killed a moment ago may end meanwhile.
    /// </summary>
    private static async Task ChangeAsync(Controller controller, Step step, string id)
    {
        var changes = controller.ExternalChanges;
        var cancelled = TestContext.Current.CancellationToken;
        var outcome = step switch
        {
            Step.AttachIpv4 => await changes.AttachAddressAsync(id, null, null, false, false, cancelled),
            Step.MoveIpv4 => await changes.AttachAddressAsync(id, "203.0.113.33", null, true, false, cancelled),
            Step.Forward => await changes.AddForwardAsync(new ForwardRequest(id, "80"), false, cancelled),
            Step.Open => await changes.OpenAsync(id, ["tcp/22", "icmp"], null, false, cancelled),
            _ => null,
        };
        foreach (
            var address in outcome is null
                ? (controller.Vms.Find(id)!.External ?? ExternalAccess.None).Addresses().ToArray()
                : []
        )
            outcome = await changes.DetachAddressAsync(id, $"{address}", false, cancelled);
        Assert.True(outcome is null or ExternalOutcome.Done or ExternalOutcome.Refused, $"{outcome}");
    }

    private static async Task AssertAsync(Controller controller, SortedDictionary<string, VmStatus> model)
    {
        foreach (var (id, status) in model)
            await controller.EventuallyAsync(id, status);
        await controller.AssertConsistentAsync();
        Assert.Equal(model.Keys, controller.Vms.All.Select(v => v.Id).Order());
    }
}
