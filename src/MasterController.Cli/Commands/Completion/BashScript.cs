using System.Text;

namespace MasterController.Cli.Commands.Completion;

/// <summary>Completion for bash (Programmable Completion), without need of the bash-completion package.</summary>
internal static class BashScript
{
    public static string Of(CompletionWords root)
    {
        var script = new StringBuilder();
        var all = root.All().ToArray();
        var paths = string.Join(
            "|",
            all.Where(command => command.Path.Length > 0).Select(command => $"'{command.Path}'")
        );
        script.Append(
            $$"""
            # bash completion for mctl; load it with: source <(mctl completion bash)

            _mctl_names() { "${COMP_WORDS[0]}" __complete "$@" 2>/dev/null; }

            _mctl() {
              local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at="" try word i skip=0 count=0 first=""
              # "--output=json" reaches us as three words.
              if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
              for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if ((skip)); then skip=0; continue; fi
                case $word in
                  {{string.Join("|", ValueOptions(all))}}) skip=1; continue ;;
                  -*|=) continue ;;
                esac
                try="${at:+$at }$word"
                case $try in
                  {{paths}}) at=$try ;;
                  *) ((count++)) || first=$word ;;
                esac
              done

              local words=""
              case "$at $prev" in

            """
        );
        foreach (var command in all)
        {
            foreach (var option in command.Options.Where(option => option.Values is not null))
            {
                var patterns = option.Names.Select(name => $"'{command.Path} {name}'");
                script.Append($"    {string.Join("|", patterns)}) {Words(option.Values!)} ;;\n");
            }
        }

        script.Append("    *)\n      case $at in\n");
        foreach (var command in all)
        {
            script.Append($"        '{command.Path}')\n");
            script.Append(
                $"          if [[ $cur == -* ]]; then words=\"{string.Join(" ", command.Options.SelectMany(option => option.Names))}\"\n"
            );
            script.Append($"          else {Arguments(command)}; fi ;;\n");
        }

        script.Append(
            """
                  esac ;;
              esac
              COMPREPLY=($(compgen -W "$words" -- "$cur"))
            }

            complete -F _mctl mctl

            """
        );
        return script.ToString();
    }

    private static string Arguments(CompletionWords command)
    {
        if (command.Commands.Count > 0)
        {
            return Words(new CompletionValues([.. command.Commands.Select(sub => sub.Name)], null));
        }

        var cases = command.Arguments.Select(
            (values, i) => $"{(command.Repeats && i == command.Arguments.Count - 1 ? "*" : i)}) {Words(values)} ;;"
        );
        return $"case $count in {string.Join(" ", cases.Append("*) ;;"))} esac";
    }

    private static string Words(CompletionValues values) =>
        values.Source is { } source
            ? $"words=$(_mctl_names {source} $first)"
            : $"words=\"{string.Join(" ", values.Fixed)}\"";

    private static IEnumerable<string> ValueOptions(IEnumerable<CompletionWords> all) =>
        all.SelectMany(command => command.Options)
            .Where(option => option.Values is not null)
            .SelectMany(option => option.Names)
            .Distinct();
}
