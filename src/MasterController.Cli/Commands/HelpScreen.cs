using System.CommandLine;
using System.CommandLine.Help;
using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands;

/// <summary>System.CommandLine's help with the command's examples below it, and the exit codes below the root's.</summary>
internal static class HelpScreen
{
    /// <summary>Lines longer than this are tiring to read.</summary>
    private const int MaxWidth = 100;

    public static void Write(ParseResult parse, CliTerminal terminal)
    {
        var width = terminal.OutIsTerminal() ? Math.Min(terminal.Width(), MaxWidth) : MaxWidth;
        parse.InvocationConfiguration.Output = terminal.Out;
        new HelpAction { MaxWidth = width }.Invoke(parse);
        if (parse.CommandResult.Command is CliCommand { Examples.Count: > 0 } command)
        {
            terminal.Out.Write("Examples:\n");
            foreach (var example in command.Examples)
            {
                terminal.Out.Write($"  {example}\n");
            }

            terminal.Out.Write("\n");
        }

        if (parse.CommandResult.Parent is null)
        {
            terminal.Out.Write(ExitCode.Explained + "\n");
        }
    }
}
