using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Errors;

/// <summary>What went wrong, in the shape every error is shown: one line, its details, and what to do about it.</summary>
internal sealed record ErrorReport(int ExitCode, string Message, IReadOnlyList<string> Details, string? Hint)
{
    /// <returns>null for what no user can do anything about: a defect, which the top handler shows.</returns>
    public static ErrorReport? Of(Exception exception) =>
        exception switch
        {
            CliException e => new(e.ExitCode, e.Message, [], e.Hint),
            ApiException e => OfProblem(e),
            DaemonUnreachableException e => new(Cli.ExitCode.Unreachable, e.Message, [], HintFor(e)),
            ConnectionLostException e => new(
                Cli.ExitCode.Unreachable,
                e.Message,
                [],
                "see what became of it: journalctl -u master-controller"
            ),
            InvalidDataException e => new(
                Cli.ExitCode.Failed,
                $"the daemon's answer cannot be read: {e.Message}",
                [],
                "is the socket that of a master-controller of this version?"
            ),
            _ => null,
        };

    /// <param name="subject">Which of several the error is about; told before the message.</param>
    public void Write(CliTerminal terminal, string? subject = null)
    {
        var ink = terminal.ErrInk;
        var about = subject is null ? "" : $"{subject}: ";
        terminal.Err.WriteLine($"{ink.Red("error:")} {about}{Message}");
        foreach (var detail in Details)
        {
            terminal.Err.WriteLine($"  {detail}");
        }

        if (Hint is not null)
        {
            terminal.Err.WriteLine($"{ink.Cyan("hint:")} {Hint}");
        }
    }

    private static ErrorReport OfProblem(ApiException e)
    {
        var problem = e.Problem;
        var fields = (problem.Errors ?? new Dictionary<string, string[]>()).SelectMany(field =>
            field.Value.Select(error => $"{field.Key}: {error}")
        );
        var message = problem.Detail ?? problem.Title;
        if (e.Kind == ProblemTypes.ImageBuilding && problem.Progress is { } progress)
        {
            message += $" ({progress * 100:0} % done)";
        }

        return new(
            ExitCodeFor(problem.Status),
            message,
            [.. fields.Where(field => field != message)],
            ProblemHints.For(e)
        );
    }

    private static int ExitCodeFor(int status) =>
        status switch
        {
            400 or 413 => Cli.ExitCode.Usage,
            404 => Cli.ExitCode.NotFound,
            401 or 403 or 409 or 429 => Cli.ExitCode.Refused,
            503 => Cli.ExitCode.Unreachable,
            _ => Cli.ExitCode.Failed,
        };

    private static string HintFor(DaemonUnreachableException e) =>
        e.Reason switch
        {
            UnreachableReason.NoSocket =>
                "start the daemon: systemctl start master-controller (or name its socket with --socket)",
            UnreachableReason.PermissionDenied =>
                $"run as root, or join the group that owns the socket: ls -l {e.SocketPath}",
            UnreachableReason.Refused => "the daemon has ended: systemctl restart master-controller",
            UnreachableReason.NoAnswer => "see what it is doing: journalctl -u master-controller",
            _ => "name another socket with --socket or MASTER_CONTROLLER_SOCKET",
        };
}
