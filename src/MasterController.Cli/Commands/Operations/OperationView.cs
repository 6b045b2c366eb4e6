using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Operations;

/// <summary>How an operation looks on the terminal.</summary>
internal static class OperationView
{
    public static string Percent(Operation operation) =>
        (Math.Clamp(operation.Progress, 0, 1) * 100).ToString("0", CultureInfo.InvariantCulture) + " %";

    public static void Print(Session session, Operation operation) =>
        session.Print(
            operation,
            CliJson.Wire.Operation,
            [operation.Id],
            () =>
            {
                var ink = session.Terminal.OutInk;
                var end = operation.EndedAt ?? session.Terminal.Time.GetUtcNow();
                new FieldWriter()
                    .Add("Id", operation.Id, ink.Bold)
                    .Add("Kind", operation.Kind)
                    .Add("Subject", operation.Subject)
                    .Add("Status", operation.Status, ink.Status)
                    .Add("Progress", Percent(operation))
                    .Add("Detail", operation.Detail)
                    .Add("Result", operation.Result)
                    .Add("Error", operation.Error, ink.Red)
                    .Add("By", operation.By)
                    .Add("Started", Readable.Time(operation.StartedAt))
                    .Add(operation.EndedAt is null ? "For" : "Took", Readable.Duration(end - operation.StartedAt))
                    .Write(session.Out, ink);
                session.Out.Write('\n');
                var width = operation.Steps.Select(step => step.Name.Length).DefaultIfEmpty().Max();
                foreach (var step in operation.Steps)
                {
                    var took = step.Milliseconds is { } milliseconds
                        ? Readable.Duration(TimeSpan.FromMilliseconds(milliseconds))
                        : "";
                    var line = $"{step.Name.PadRight(width)}  {ink.Dim(took)}".TrimEnd();
                    session.Out.Write($"  {Mark(ink, step.Status)} {line}\n");
                }
            }
        );

    private static string Mark(Ink ink, string status) =>
        status switch
        {
            "done" => ink.Green("✓"),
            "failed" => ink.Red("✗"),
            "running" => ink.Yellow("▸"),
            "undone" => ink.Dim("↶"),
            _ => ink.Dim("·"),
        };
}
