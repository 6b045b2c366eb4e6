using System.CommandLine;

namespace MasterController.Cli.Commands;

/// <summary>A command with its examples and what it does; the examples stand under its help.</summary>
internal sealed class CliCommand(string name, string purpose, params string[] examples) : Command(name, purpose)
{
    public IReadOnlyList<string> Examples => examples;

    /// <summary>null for a noun, which only has commands below it.</summary>
    public Func<Session, Task<int>>? Run { get; init; }

    public CliCommand With(params Symbol[] symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    Add(argument);
                    break;
                case Option option:
                    Add(option);
                    break;
                case Command command:
                    Add(command);
                    break;
                default:
                    throw new ArgumentException($"{symbol.Name} cannot be part of a command", nameof(symbols));
            }
        }

        return this;
    }
}
