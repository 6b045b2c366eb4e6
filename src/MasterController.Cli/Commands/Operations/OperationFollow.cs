using MasterController.Cli.Api;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Operations;

/// <summary>Shows an operation until it ends. Ctrl-C only ends the showing: the operation is the daemon's.</summary>
internal sealed class OperationFollow(Session session, TimeSpan limit)
{
    /// <summary>Seconds; an image may be built on a slow machine over a slow line.</summary>
    public const int DefaultWait = 3600;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public async Task<int> RunAsync(Operation operation)
    {
        var interrupted = session.Terminal.Interrupt.Watch();
        session.DetachNote = $"the operation goes on; come back with: mctl operation wait {operation.Id}";
        operation = await OperationProgress.ShowAsync(
            session.Terminal,
            operation,
            show => UntilEndedAsync(operation, show, interrupted)
        );
        if (session.Json || session.Quiet)
        {
            OperationView.Print(session, operation);
        }

        return operation.Status == "succeeded"
            ? ExitCode.Ok
            : throw new CliException(
                ExitCode.Failed,
                $"{operation.Kind} {operation.Subject} {operation.Status}: {operation.Error ?? "no reason was given"}",
                $"its steps: mctl operation show {operation.Id}"
            );
    }

    private async Task<Operation> UntilEndedAsync(Operation operation, Action<Operation> show, CancellationToken cancel)
    {
        var time = session.Terminal.Time;
        var begun = time.GetTimestamp();
        while (true)
        {
            show(operation);
            if (operation.Status != "running")
            {
                return operation;
            }

            if (time.GetElapsedTime(begun) >= limit)
            {
                throw new CliException(
                    ExitCode.TimedOut,
                    $"{operation.Id} has not ended after {Readable.Duration(limit)} ({OperationView.Percent(operation)}); it goes on",
                    $"come back with: mctl operation wait {operation.Id}"
                );
            }

            await Task.Delay(Pause, time, cancel);
            try
            {
                operation = await session.Api.GetOperationAsync(operation.Id, TimeSpan.Zero, cancel);
            }
            catch (IOException e)
                when (e is ConnectionLostException or DaemonUnreachableException && time.GetElapsedTime(begun) < limit)
            {
                // Operations are resumed by a restarted daemon, so the wait outlives it too.
            }
        }
    }
}
