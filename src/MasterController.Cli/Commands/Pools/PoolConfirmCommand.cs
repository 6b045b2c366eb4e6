using MasterController.Cli.Api;
using MasterController.Cli.Commands.Operations;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool confirm</c>.</summary>
internal static class PoolConfirmCommand
{
    /// <summary>After the confirmation an operation has nothing left to do but to end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static CliCommand Create()
    {
        var pool = PoolSymbols.PoolOrDefault();
        return new CliCommand(
            "confirm",
            "Keep a change that was applied with --confirm-within",
            "mctl pool confirm default"
        )
        {
            Run = async session =>
            {
                var operation = await session.Api.ConfirmPoolAsync(session.Get(pool), default);
                if (operation.Status == "running")
                {
                    operation = await session.Api.GetOperationAsync(operation.Id, Patience, default);
                }

                session.Print(
                    operation,
                    CliJson.Wire.Operation,
                    [operation.Id],
                    () =>
                        session.Out.Write(
                            $"{session.Terminal.OutInk.Bold(session.Get(pool))} keeps its change ({operation.Id})\n"
                        )
                );
                return ExitCode.Ok;
            },
        }.With(pool);
    }
}
