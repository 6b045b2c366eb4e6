using System.Text;

namespace MasterController.Cli.Commands.Completion;

/// <summary>Completion for zsh (zshcompsys), with descriptions.</summary>
internal static class ZshScript
{
    public static string Of(CompletionWords root)
    {
        var script = new StringBuilder();
        script.Append(
            """
            #compdef mctl
            # zsh completion for mctl; put it as _mctl into a directory of $fpath, or: source <(mctl completion zsh)

            # _arguments puts options for compadd before our own word.
            _mctl_names() {
              local -a names
              names=(${(f)"$(mctl __complete $@[-1] $line[1] 2>/dev/null)"})
              compadd "$@[1,-2]" -a names
            }


            """
        );
        foreach (var command in root.All())
        {
            Function(script, command);
        }

        script.Append(
            """
            if [[ $funcstack[1] == _mctl ]]; then _mctl "$@"; else compdef _mctl mctl; fi

            """
        );
        return script.ToString();
    }

    private static void Function(StringBuilder script, CompletionWords command)
    {
        script.Append($"{FunctionName(command)}() {{\n");
        if (command.Commands.Count > 0)
        {
            script.Append("  local line state\n  local -a commands\n");
        }

        script.Append("  _arguments -C -s");
        foreach (var option in command.Options)
        {
            script.Append(" \\\n    ").Append(OptionSpec(option));
        }

        if (command.Commands.Count == 0)
        {
            for (var i = 0; i < command.Arguments.Count; i++)
            {
                var place = command.Repeats && i == command.Arguments.Count - 1 ? "*" : $"{i + 1}";
                script.Append($" \\\n    {Quote($"{place}:{command.Name}:{Action(command.Arguments[i])}")}");
            }

            script.Append("\n}\n\n");
            return;
        }

        script.Append(" \\\n    '1: :->command' \\\n    '*:: :->rest'\n");
        script.Append("  case $state in\n    command)\n      commands=(\n");
        foreach (var sub in command.Commands)
        {
            script.Append(
                $"        {Quote($"{sub.Name}:{sub.Purpose.Replace(":", "\\:", StringComparison.Ordinal)}")}\n"
            );
        }

        script.Append("      )\n      _describe command commands ;;\n    rest)\n      case $line[1] in\n");
        foreach (var sub in command.Commands)
        {
            script.Append($"        {sub.Name}) {FunctionName(sub)} ;;\n");
        }

        script.Append("      esac ;;\n  esac\n}\n\n");
    }

    private static string OptionSpec(CompletionOption option)
    {
        var names = option.Names.Count == 1 ? option.Names[0] : $"{{{string.Join(",", option.Names)}}}";
        var purpose = option
            .Purpose.Replace("[", "(", StringComparison.Ordinal)
            .Replace("]", ")", StringComparison.Ordinal);
        var value = option.Values is null ? "" : $":value:{Action(option.Values)}";
        // A pair of names is a brace expansion, which must stay outside of the quotes.
        return option.Names.Count == 1
            ? Quote($"*{names}[{purpose}]{value}")
            : $"'*'{names}{Quote($"[{purpose}]{value}")}";
    }

    private static string Action(CompletionValues values) =>
        values.Source is { } source ? $"_mctl_names {source}"
        : values.Fixed.Count > 0 ? $"({string.Join(" ", values.Fixed)})"
        : " ";

    private static string FunctionName(CompletionWords command) =>
        command.Path.Length == 0 ? "_mctl" : $"_mctl_{command.Path.Replace(' ', '_')}";

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
