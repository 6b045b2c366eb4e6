using MasterController.Core.HostNetwork;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.LinuxTests.Vms;
using MasterController.Tests.Store;

namespace MasterController.LinuxTests.PoolChanges;

/// <summary>What tests ask of a controller about the changes of its pool.</summary>
internal static class ChangeUnderTest
{
    public static readonly ForeignRule OldMasquerade = new(
        "ip nat POSTROUTING",
        "-A POSTROUTING -s 10.9.0.0/28 -o eth0 -j MASQUERADE",
        "AAAA"
    );

    public static async Task<PoolPlan> PlanAsync(this Controller controller, PoolChangeRequest request) =>
        Assert.IsType<PoolChangeOutcome.Planned>(await controller.TryPlanAsync(request)).Plan;

    public static Task<PoolChangeOutcome> TryPlanAsync(this Controller controller, PoolChangeRequest request) =>
        controller.PoolChanges.PlanAsync(Controller.Pool, request, TestContext.Current.CancellationToken);

    public static Task<PoolChangeOutcome> TryApplyAsync(
        this Controller controller,
        PoolPlan plan,
        TimeSpan? confirmWithin = null
    ) =>
        controller.PoolChanges.ApplyAsync(
            Controller.Pool,
            plan.Id,
            confirmWithin,
            TestContext.Current.CancellationToken
        );

    /// <summary>Plans and begins a change.</summary>
    public static async Task<Operation> BeginAsync(
        this Controller controller,
        PoolChangeRequest request,
        TimeSpan? confirmWithin = null
    )
    {
        var plan = await controller.PlanAsync(request);
        var outcome = await controller.TryApplyAsync(plan, confirmWithin);
        return Assert.IsType<PoolChangeOutcome.Accepted>(outcome).Operation;
    }

    /// <summary>Plans a change, begins it, and waits for its end.</summary>
    public static async Task<Operation> ChangeAsync(this Controller controller, PoolChangeRequest request) =>
        await controller.EndAsync(await controller.BeginAsync(request));

    public static async Task<Operation> EndAsync(this Controller controller, Operation begun) =>
        (await controller.Operations.WaitAsync(begun.Id, TestContext.Current.CancellationToken))!;

    public static Task StepAsync(this Controller controller, Operation begun, string step, StepStatus status) =>
        EndToEnd.Eventually.TrueAsync(
            () => controller.Operations.Find(begun.Id)!.Steps.Any(s => s.Name == step && s.Status == status),
            $"\"{step}\" is {status}"
        );

    public static string[] Networks(this Controller controller) =>
        [.. controller.Pools.Find(Controller.Pool)!.Ranges.Select(r => r.Network.ToString())];

    public static string[] Gateways(this FakeNetwork network) =>
        [.. network.Networks.SelectMany(n => n.Gateways).Select(g => g.ToString()).Distinct().Order()];

    public static string[] Networks(this FakeNetwork network) =>
        [.. network.Networks.Select(n => n.Network.ToString()).Distinct()];

    /// <summary>Nothing is left of a change in the store.</summary>
    public static async Task NothingIsLeftAsync(this InMemoryStateStore store) =>
        Assert.Empty((await store.LoadAsync(TestContext.Current.CancellationToken)).PoolChanges);
}
