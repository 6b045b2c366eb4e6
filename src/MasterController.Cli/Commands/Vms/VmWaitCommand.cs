using MasterController.Cli.Api;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm wait</c>: for scripts that created or stopped VMs elsewhere, or without waiting.</summary>
internal static class VmWaitCommand
{
    private const int DefaultTimeout = 120;

    public static CliCommand Create()
    {
        var names = VmAction.Names();
        var wanted = CommonOptions.Choice(
            "--for",
            $"What to wait for [{VmWait.Ready}]",
            null,
            VmWait.Ready,
            "running",
            "stopped",
            VmWait.Deleted
        );
        var timeout = CommonOptions.Number(
            "--timeout",
            $"Wait at most N seconds [{DefaultTimeout}]",
            "SECONDS",
            1,
            86400
        );
        return new CliCommand(
            "wait",
            "Wait until VMs are ready, running, stopped or deleted; ends with 1 as soon as one fails",
            "mctl vm wait web-1 && curl http://$(mctl vm show web-1 -o json | jq -r .address)/",
            "mctl vm wait $(mctl vm list -q --label job=4711) --for stopped --timeout 600",
            "mctl vm wait web-1 --for deleted"
        )
        {
            Run = session =>
            {
                var goal = session.Get(wanted) ?? VmWait.Ready;
                var limit = TimeSpan.FromSeconds(session.Get(timeout) ?? DefaultTimeout);
                var interrupted = session.Terminal.Interrupt.Watch();
                return ManyVms.RunAsync(
                    session,
                    "waiting for",
                    [.. session.Get(names).Distinct()],
                    (name, say) => WaitAsync(session, name, goal, limit, say, interrupted),
                    gone: goal == VmWait.Deleted
                );
            },
        }.With(names, wanted, timeout);
    }

    private static async Task<Vm?> WaitAsync(
        Session session,
        string name,
        string goal,
        TimeSpan limit,
        Action<string> say,
        CancellationToken cancel
    )
    {
        var watch = new VmWait(session, limit);
        Vm vm;
        try
        {
            vm = await session.Api.GetVmAsync(name, cancel);
        }
        catch (ApiException e) when (goal == VmWait.Deleted && e.Problem.Status == 404)
        {
            return null;
        }

        void Seen(Vm now) => say($"{now.Name} {now.Status}");
        if (goal != VmWait.Deleted)
        {
            return await watch.UntilAsync(vm, goal, Seen, cancel);
        }

        await watch.UntilGoneAsync(vm, Seen, cancel);
        return vm;
    }
}
