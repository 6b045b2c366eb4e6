namespace MasterController.Cli.Terminal;

/// <summary>Texts broken into lines that fit; a word that is longer than a line stays whole.</summary>
internal static class Wrapped
{
    public static IEnumerable<string> Text(string text, int width) =>
        text.Split('\n').SelectMany(line => Fill([.. line.Split(' ')], width, ""));

    /// <summary>
    /// A command that can still be copied into a shell: its lines end with a backslash, and nothing in quotes is broken.
    /// One of several lines has its author's breaks.
    /// </summary>
    public static IEnumerable<string> Command(string command, int width) =>
        command.Contains('\n', StringComparison.Ordinal)
            ? command.Split('\n')
            : Fill(ShellWords(command), width, " \\");

    private static IEnumerable<string> Fill(IReadOnlyList<string> words, int width, string tail)
    {
        var line = words[0];
        for (var i = 1; i < words.Count; i++)
        {
            var room = width - (i == words.Count - 1 ? 0 : tail.Length);
            if (line.Length + 1 + words[i].Length <= room)
            {
                line += " " + words[i];
                continue;
            }

            yield return line + tail;
            line = words[i];
        }

        yield return line;
    }

    /// <summary>Split at blanks outside of quotes; the quotes stay where they are.</summary>
    private static List<string> ShellWords(string command)
    {
        List<string> words = [];
        char? quote = null;
        var begin = 0;
        for (var i = 0; i < command.Length; i++)
        {
            switch (command[i])
            {
                case '\'' or '"' when quote is null:
                    quote = command[i];
                    break;
                case var c when c == quote:
                    quote = null;
                    break;
                case ' ' when quote is null:
                    words.Add(command[begin..i]);
                    begin = i + 1;
                    break;
            }
        }

        words.Add(command[begin..]);
        return words;
    }
}
