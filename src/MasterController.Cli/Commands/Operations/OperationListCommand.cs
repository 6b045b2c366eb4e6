using MasterController.Cli.Api;
using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands.Operations;

/// <summary><c>mctl operation list</c>.</summary>
internal static class OperationListCommand
{
    public static CliCommand Create() =>
        new("list", "List operations, running and ended", "mctl operation list", "mctl operation list -q")
        {
            Run = async session =>
            {
                var list = await session.Api.ListOperationsAsync(default);
                session.Print(
                    list,
                    CliJson.Wire.OperationList,
                    list.Items.Select(operation => operation.Id),
                    () =>
                    {
                        var ink = session.Terminal.OutInk;
                        var now = session.Terminal.Time.GetUtcNow();
                        var table = new TableWriter("ID", "KIND", "SUBJECT", "STATUS", ">PROGRESS", "TOOK", "AGE");
                        foreach (var operation in list.Items)
                        {
                            table.Add(
                                operation.Id,
                                operation.Kind,
                                operation.Subject,
                                new Cell(operation.Status, ink.Status),
                                OperationView.Percent(operation),
                                Readable.Duration((operation.EndedAt ?? now) - operation.StartedAt),
                                Readable.Age(now - operation.StartedAt)
                            );
                        }

                        table.Write(session.Out, ink);
                    }
                );
                return ExitCode.Ok;
            },
        };
}
