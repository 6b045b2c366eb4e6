using System.CommandLine;
using MasterController.Cli.Commands;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;

namespace MasterController.Cli;

/// <summary><c>mctl</c> from its arguments to its exit code.</summary>
internal static class MctlApp
{
    /// <summary>EPIPE of errno.h: the reader of a pipe has closed it.</summary>
    private const int BrokenPipeErrno = 32;

    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] args, CliTerminal terminal)
    {
        Session? session = null;
        try
        {
            var options = new GlobalOptions();
            // "mctl help vm" as well as "mctl vm --help".
            string[] words = args is ["help", .. var rest] ? [.. rest, "--help"] : args;
            var parse = CommandTree.Build(options, words).Parse(words, Parsing);
            var code = await RunAsync(parse, options, terminal, made => session = made);
            terminal.Out.Flush();
            return code;
        }
        catch (OperationCanceledException)
        {
            terminal.Out.Flush();
            terminal.Err.WriteLine(session?.DetachNote is { } note ? $"\n{note}" : "");
            return ExitCode.Interrupted;
        }
        catch (IOException e) when (e.HResult == BrokenPipeErrno)
        {
            return ExitCode.BrokenPipe;
        }
        catch (Exception e)
        {
            var report =
                ErrorReport.Of(e)
                ?? new ErrorReport(ExitCode.Failed, $"{e.GetType().Name}: {e.Message}", [], "this is a defect in mctl");
            terminal.Out.Flush();
            report.Write(terminal);
            return report.ExitCode;
        }
    }

    private static Task<int> RunAsync(
        ParseResult parse,
        GlobalOptions options,
        CliTerminal terminal,
        Action<Session> made
    )
    {
        if (parse.GetResult(options.Help) is not null || IsBare(parse))
        {
            HelpScreen.Write(parse, terminal);
            return Task.FromResult(ExitCode.Ok);
        }

        if (parse.GetResult(options.Version) is { Implicit: false })
        {
            terminal.Out.Write($"mctl {ProductVersion.Text}\n");
            return Task.FromResult(ExitCode.Ok);
        }

        if (UsageError.Of(parse) is { } wrong)
        {
            throw wrong;
        }

        var session = new Session(parse, options, terminal);
        made(session);
        return ((CliCommand)session.Command).Run!(session);
    }

    /// <summary><c>mctl</c> alone: nobody who types that wants an error.</summary>
    private static bool IsBare(ParseResult parse) => parse.Tokens.Count == 0;
}
