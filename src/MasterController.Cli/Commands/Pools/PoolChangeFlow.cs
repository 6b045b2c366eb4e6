using MasterController.Cli.Api;
using MasterController.Cli.Commands.Operations;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>
/// A change of a pool from its plan to its end: 1 work it out, 2 show it, 3 ask, 4 apply it, 5 follow it, 6 say what
/// has become of it. Until 4 nothing is changed, and from 4 on it is the daemon's: Ctrl-C only ends the showing.
/// </summary>
internal sealed class PoolChangeFlow(Session session, string pool, CreatePlanRequest request)
{
    public required bool PlanOnly { get; init; }

    /// <summary>What the plan's last line tells a person to type.</summary>
    public required string CommandToApply { get; init; }

    public required bool Yes { get; init; }

    public required TimeSpan? ConfirmWithin { get; init; }

    /// <summary>Return when it drains, not when it has drained.</summary>
    public required bool UntilBegun { get; init; }

    /// <summary>Zero for not at all.</summary>
    public required TimeSpan Wait { get; init; }

    private bool Drains => request.Drain == true || request.Action == "drain";

    public async Task<int> RunAsync()
    {
        if (!PlanOnly && !Yes && !Question.Possible(session.Terminal))
        {
            throw CliException.Usage(
                "there is no terminal to ask on whether to apply the plan",
                "say --yes to apply it, or --plan to look at it"
            );
        }

        // 1. Work it out.
        var plan = await session.Api.CreatePlanAsync(pool, request, default);
        if (PlanOnly)
        {
            PlanText.Print(session, plan, CommandToApply);
            return plan.Applicable ? ExitCode.Ok : ExitCode.Refused;
        }

        // 2. Show it.
        Show(plan);
        if (!plan.Applicable)
        {
            throw new CliException(
                ExitCode.Refused,
                $"the plan cannot be applied: {Readable.Plural(plan.Conflicts.Count, "conflict")}; nothing was changed"
            );
        }

        // 3. Ask.
        if (!Yes && !Question.Ask(session.Terminal, "Apply?"))
        {
            session.Note("not applied; nothing was changed");
            return ExitCode.Failed;
        }

        // 4. Apply it.
        var watch = new PoolChangeWatch(session, pool, UntilBegun);
        var operation = await session.Api.ApplyPlanAsync(pool, plan.Id, ConfirmWithin, default);
        if (Wait == TimeSpan.Zero)
        {
            OperationView.Print(session, operation);
            if (ConfirmWithin is not null)
            {
                session.Note($"it is rolled back unless you confirm it when it is proven: mctl pool confirm {pool}");
            }

            return ExitCode.Ok;
        }

        // 5. Follow it.
        operation = await new OperationFollow(session, Wait).UntilAsync(
            operation,
            Drains || ConfirmWithin is not null ? watch.LookAsync : null
        );

        // 6. Say what has become of it.
        new PoolChangeResult(session, request, plan).Print(operation, watch, ConfirmWithin);
        return ExitCode.Ok;
    }

    /// <summary>
    /// Where a person looks: with the results, unless those are for a program. Then only who is asked, or refused, needs
    /// it.
    /// </summary>
    private void Show(PoolPlan plan)
    {
        var terminal = session.Terminal;
        var forProgram = session.Json || session.Quiet || (!Yes && !terminal.OutIsTerminal());
        if (forProgram && Yes && plan.Applicable)
        {
            return;
        }

        var text = forProgram
            ? new PlanText(terminal.Err, terminal.ErrInk, PlanText.WidthOf(terminal))
            : new PlanText(terminal.Out, terminal.OutInk, PlanText.WidthOf(terminal));
        text.Write(plan);
        (forProgram ? terminal.Err : terminal.Out).Write('\n');
        terminal.Out.Flush();
    }
}
