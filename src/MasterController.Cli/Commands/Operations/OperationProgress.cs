using MasterController.Cli.Terminal;
using MasterController.Contracts;
using Spectre.Console;

namespace MasterController.Cli.Commands.Operations;

/// <summary>A bar with the step's name while somebody watches; a line for each step otherwise.</summary>
internal static class OperationProgress
{
    public static Task<Operation> ShowAsync(
        CliTerminal terminal,
        Operation operation,
        Func<Action<Operation>, Task<Operation>> body
    ) => terminal.Watched ? BarAsync(terminal, operation, body) : LinesAsync(terminal, operation, body);

    private static async Task<Operation> BarAsync(
        CliTerminal terminal,
        Operation operation,
        Func<Action<Operation>, Task<Operation>> body
    )
    {
        var console = Consoles.OnStderr(terminal);
        var steps = new StepLines(step => console.MarkupLine($"{Mark(step.Status)} {Markup.Escape(step.Name)}"));
        var ended = await console
            .Progress()
            .AutoClear(true)
            .Columns(
                new SpinnerColumn(Spinner.Known.Dots),
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 30 },
                new PercentageColumn(),
                new ElapsedTimeColumn()
            )
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape($"{operation.Kind} {operation.Subject}"), maxValue: 1);
                return await body(now =>
                {
                    steps.Show(now, ended: true);
                    task.Description = Markup.Escape(Title(now));
                    task.Value = Math.Clamp(now.Progress, 0, 1);
                });
            });
        End(terminal, ended);
        return ended;
    }

    private static async Task<Operation> LinesAsync(
        CliTerminal terminal,
        Operation operation,
        Func<Action<Operation>, Task<Operation>> body
    )
    {
        terminal.Err.WriteLine($"{operation.Kind} {operation.Subject} ({operation.Id})");
        var total = operation.Steps.Count;
        var number = 0;
        var steps = new StepLines(step => terminal.Err.WriteLine($"[{++number}/{total}] {step.Name}"));
        var ended = await body(now =>
        {
            total = now.Steps.Count;
            steps.Show(now, ended: false);
        });
        End(terminal, ended);
        return ended;
    }

    private static void End(CliTerminal terminal, Operation operation)
    {
        if (operation.Status == "succeeded")
        {
            var took = (operation.EndedAt ?? terminal.Time.GetUtcNow()) - operation.StartedAt;
            terminal.Err.WriteLine($"{terminal.ErrInk.Green("done")} in {Readable.Duration(took)}");
        }
    }

    private static string Title(Operation operation)
    {
        var current = operation.Steps.FirstOrDefault(step => step.Status == "running");
        return current is null ? $"{operation.Kind} {operation.Subject}"
            : operation.Detail is { Length: > 0 } detail ? $"{current.Name}: {detail}"
            : current.Name;
    }

    private static string Mark(string status) =>
        status switch
        {
            "failed" => "[red]✗[/]",
            "undone" => "[dim]↶[/]",
            _ => "[green]✓[/]",
        };

    /// <summary>Shows each step once, in order: when it has begun, or when it has ended.</summary>
    private sealed class StepLines(Action<OperationStep> show)
    {
        private int _shown;

        public void Show(Operation operation, bool ended)
        {
            for (; _shown < operation.Steps.Count; _shown++)
            {
                var step = operation.Steps[_shown];
                if (step.Status == "pending" || (ended && step.Status == "running"))
                {
                    return;
                }

                show(step);
            }
        }
    }
}
