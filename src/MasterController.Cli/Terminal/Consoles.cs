using Spectre.Console;

namespace MasterController.Cli.Terminal;

internal static class Consoles
{
    /// <summary>Spectre's console for what moves. Only made when something does: it takes longer to start than all else.</summary>
    public static IAnsiConsole OnStderr(CliTerminal terminal)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                ColorSystem = terminal.ColorAllowed ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.Yes,
                Out = new AnsiConsoleOutput(terminal.Err),
            }
        );
        // Spectre goes by LANG, which services and containers leave empty on terminals that can do it.
        console.Profile.Capabilities.Unicode = true;
        console.Profile.Width = terminal.Width();
        return console;
    }
}
