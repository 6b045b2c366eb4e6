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

    /// <summary>Much ends at once; what does not is asked for less and less often.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(15);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    public async Task<int> RunAsync(Operation operation)
    {
        operation = await UntilAsync(operation, null);
        if (session.Json || session.Quiet)
        {
            OperationView.Print(session, operation);
        }
        else if (operation is { Status: "succeeded", Result: { } result })
        {
            session.Out.Write($"{result}\n");
        }

        return operation.Status == "succeeded"
            ? ExitCode.Ok
            : throw new CliException(
                ExitCode.Failed,
                $"{operation.Kind} {operation.Subject} {operation.Status}: {operation.Error ?? "no reason was given"}",
                $"its steps: mctl operation show {operation.Id}"
            );
    }

    /// <param name="look">
    /// Looks closer at an operation that runs: how it is to be shown, and whether enough has been seen of it.
    /// </param>
    /// <returns>As it was seen last: ended, or running still where <paramref name="look"/> has seen enough.</returns>
    /// <exception cref="CliException">The time was up before.</exception>
    public Task<Operation> UntilAsync(
        Operation operation,
        Func<Operation, CancellationToken, Task<(Operation Shown, bool Enough)>>? look
    )
    {
        var interrupted = session.Terminal.Interrupt.Watch();
        session.DetachNote = $"the operation goes on; come back with: mctl operation wait {operation.Id}";
        return OperationProgress.ShowAsync(
            session.Terminal,
            operation,
            show => UntilEndedAsync(operation, show, look, interrupted)
        );
    }

    private async Task<Operation> UntilEndedAsync(
        Operation operation,
        Action<Operation> show,
        Func<Operation, CancellationToken, Task<(Operation Shown, bool Enough)>>? look,
        CancellationToken cancel
    )
    {
        var enough = false;
        var pause = FirstPause;
        var time = session.Terminal.Time;
        var begun = time.GetTimestamp();
        while (true)
        {
            show(operation);
            if (operation.Status != "running" || enough)
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

            await Task.Delay(pause, time, cancel);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            try
            {
                operation = await session.Api.GetOperationAsync(operation.Id, TimeSpan.Zero, cancel);
                if (look is not null && operation.Status == "running")
                {
                    (operation, enough) = await look(operation, cancel);
                }
            }
            catch (IOException e)
                when (e is ConnectionLostException or DaemonUnreachableException && time.GetElapsedTime(begun) < limit)
            {
                // Operations are resumed by a restarted daemon, so the wait outlives it too.
            }
        }
    }
}
