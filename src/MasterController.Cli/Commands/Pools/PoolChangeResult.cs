using System.Globalization;
using MasterController.Cli.Commands.Operations;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>What has become of an applied plan, and what can be done about it.</summary>
internal sealed class PoolChangeResult(Session session, CreatePlanRequest request, PoolPlan plan)
{
    /// <exception cref="CliException">It failed or was rolled back.</exception>
    public void Print(Operation operation, PoolChangeWatch watch, TimeSpan? confirmWithin)
    {
        if (session.Json || session.Quiet)
        {
            OperationView.Print(session, operation);
        }

        if (operation.Status is not ("running" or "succeeded"))
        {
            var became = operation.Status == "rolled-back" ? "was rolled back" : "failed";
            throw new CliException(
                ExitCode.Failed,
                $"{plan.Action} of {plan.Pool} {became}: {operation.Error ?? "no reason was given"}",
                $"its steps: mctl operation show {operation.Id}"
            );
        }

        if (!session.Json && !session.Quiet)
        {
            Draw(operation, watch, confirmWithin);
        }
    }

    private void Draw(Operation operation, PoolChangeWatch watch, TimeSpan? confirmWithin)
    {
        var ink = session.Terminal.OutInk;
        if (session.Terminal.Watched && session.Terminal.OutIsTerminal())
        {
            // The steps are right above.
            session.Out.Write('\n');
        }

        session.Out.Write($"{Headline(operation, watch, ink.Bold(plan.Pool))}\n");
        var fields = new FieldWriter();
        if (operation.Status == "succeeded" || watch.AwaitsConfirmation)
        {
            fields.Add("Capacity", PlanText.CapacityOf(plan)).Add("Proof", Proof(operation));
        }
        else
        {
            fields.Add("Look", $"mctl pool show {plan.Pool}").Add("Wait", $"mctl operation wait {operation.Id}");
        }

        if (watch.AwaitsConfirmation && confirmWithin is { } time)
        {
            var until = Readable.Time(watch.NotAwaitingAt + time);
            fields.Add("Confirm", $"by {until}, or it is rolled back: mctl pool confirm {plan.Pool}", ink.Yellow);
        }

        fields.Add("Undo", Undo()).Add("Operation", operation.Id).Write(session.Out, ink);
    }

    private string? Proof(Operation operation)
    {
        const string widestLabel = "Operation  ";
        var width = PlanText.WidthOf(session.Terminal) - widestLabel.Length;
        return operation.Result is { } proof ? string.Join("\n", Wrapped.Text(proof, width)) : null;
    }

    private string Headline(Operation operation, PoolChangeWatch watch, string pool) =>
        (plan.Action, operation.Status) switch
        {
            ("drain", "running") when watch.Left is { } left =>
                $"{pool} leases nothing new in {request.Cidr}; waiting for the end of {Readable.Plural(left, "lease")}",
            ("drain", _) => $"{pool} leases nothing new in {request.Cidr}; nobody holds an address of it any more",
            ("undrain", _) => $"{pool} leases from {request.Cidr} again",
            ("reserve", _) => $"{request.Cidr} of {pool} is reserved",
            ("unreserve", _) => $"{request.Cidr} of {pool} is no longer reserved",
            _ => $"{pool} now leases from {PlanText.Networks(plan.RangesAfter)}",
        };

    private string Undo() =>
        plan.Action switch
        {
            // A definition that drained had an operation that waited; going back to it does not bring that back.
            "drain" => $"mctl pool undrain {plan.Pool} {request.Cidr}",
            "undrain" => $"mctl pool drain {plan.Pool} {request.Cidr}",
            _ => string.Create(CultureInfo.InvariantCulture, $"mctl pool rollback {plan.Pool} {plan.Version}"),
        };
}
