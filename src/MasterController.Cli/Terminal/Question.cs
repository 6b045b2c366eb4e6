namespace MasterController.Cli.Terminal;

/// <summary>A question to whoever sits at the terminal.</summary>
internal static class Question
{
    /// <summary>Somebody can read it and answer.</summary>
    public static bool Possible(CliTerminal terminal) => terminal.InIsTerminal() && terminal.ErrIsTerminal();

    /// <returns>Whether the answer was yes; no answer is a no.</returns>
    public static bool Ask(CliTerminal terminal, string question)
    {
        terminal.Out.Flush();
        terminal.Err.Write($"{terminal.ErrInk.Bold(question)} [y/N] ");
        var answer = terminal.ReadLine();
        if (answer is null)
        {
            // Ctrl-D leaves the cursor behind the question.
            terminal.Err.WriteLine();
        }

        return answer?.Trim().ToUpperInvariant() is "Y" or "YES";
    }
}
