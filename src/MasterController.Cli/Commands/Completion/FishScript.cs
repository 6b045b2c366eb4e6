using System.Text;

namespace MasterController.Cli.Commands.Completion;

/// <summary>Completion for fish, with descriptions.</summary>
internal static class FishScript
{
    public static string Of(CompletionWords root)
    {
        var script = new StringBuilder();
        var all = root.All().ToArray();
        var valued = all.SelectMany(command => command.Options)
            .Where(option => option.Values is not null)
            .SelectMany(option => option.Names)
            .Distinct();
        script.Append(
            $$"""
            # fish completion for mctl; put it into ~/.config/fish/completions/mctl.fish

            # Succeeds when the words typed so far name exactly this command; its arguments so far are in __mctl_rest.
            function __mctl_at
                set -l known {{string.Join(
                " ",
                all.Where(command => command.Path.Length > 0).Select(command => Quote(command.Path))
            )}}
                set -l at
                set -l skip 0
                set -g __mctl_rest
                for word in (commandline -opc)[2..]
                    if test $skip = 1
                        set skip 0
                        continue
                    end
                    switch $word
                        case {{string.Join(" ", valued.Select(Quote))}}
                            set skip 1
                        case '-*'
                        case '*'
                            if contains -- (string join ' ' $at $word) $known
                                set at $at $word
                            else
                                set -a __mctl_rest $word
                            end
                    end
                end
                test (string join ' ' -- $at) = "$argv"
            end

            function __mctl_names
                mctl __complete $argv 2>/dev/null
            end

            complete -c mctl -f

            """
        );
        foreach (var command in all)
        {
            var when = $"complete -c mctl -n {Quote($"__mctl_at {command.Path}".TrimEnd())}";
            foreach (var sub in command.Commands)
            {
                script.Append($"{when} -a {sub.Name} -d {Quote(sub.Purpose)}\n");
            }

            for (var i = 0; i < command.Arguments.Count; i++)
            {
                var test = command.Repeats && i == command.Arguments.Count - 1 ? "-ge" : "-eq";
                var here = Quote($"__mctl_at {command.Path}; and test (count $__mctl_rest) {test} {i}");
                if (command.Arguments[i].Any)
                {
                    script.Append($"complete -c mctl -n {here} -a {Quote(Values(command.Arguments[i]))}\n");
                }
            }

            foreach (var option in command.Options)
            {
                var names = option.Names.Select(name =>
                    name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}"
                );
                var value =
                    option.Values is null ? ""
                    : option.Values.Any ? $" -xa {Quote(Values(option.Values))}"
                    : " -x";
                script.Append($"{when} {string.Join(" ", names)}{value} -d {Quote(option.Purpose)}\n");
            }
        }

        return script.ToString();
    }

    private static string Values(CompletionValues values) =>
        values.Source is { } source ? $"(__mctl_names {source} $__mctl_rest[1])" : string.Join(" ", values.Fixed);

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
