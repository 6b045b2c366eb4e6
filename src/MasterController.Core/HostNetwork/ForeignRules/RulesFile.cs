using System.Text;

namespace MasterController.Core.HostNetwork.ForeignRules;

/// <summary>
/// The text of a file as iptables-save writes it (/etc/iptables/rules.v4): sections "*table" to "COMMIT", in them a rule
/// a line, perhaps with its counters in front. Only the section *nat is looked at, and every other byte stays.
/// </summary>
internal static class RulesFile
{
    private const string Section = "*nat";
    private const string SectionEnd = "COMMIT";

    // Refuses what is not UTF-8, since it would not be written as it was read.
    private static readonly UTF8Encoding Encoding = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <summary>Null where there is no such file.</summary>
    /// <exception cref="IOException">It cannot be read, or is not text.</exception>
    internal static string? Read(string path)
    {
        try
        {
            return Encoding.GetString(File.ReadAllBytes(path));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (DecoderFallbackException)
        {
            throw new IOException($"{path} is not UTF-8");
        }
    }

    internal static byte[] Bytes(string text) => Encoding.GetBytes(text);

    /// <summary>The rules of the section, without their counters.</summary>
    internal static IEnumerable<string> NatRules(string text) =>
        Lines(text).Where(line => line is { InNat: true, Rule: not null }).Select(line => line.Rule!);

    internal static string Without(string text, IReadOnlySet<string> rules) =>
        string.Concat(
            Lines(text)
                .Where(line => line is not { InNat: true, Rule: { } rule } || !rules.Contains(rule))
                .Select(line => line.Text)
        );

    /// <summary>Puts rules at the end of the section, which is made if it is not there.</summary>
    internal static string With(string text, IReadOnlyList<string> rules)
    {
        var added = string.Concat(rules.Select(rule => rule + "\n"));
        var result = new StringBuilder();
        var done = false;
        foreach (var line in Lines(text))
        {
            if (!done && line is { InNat: true, IsEnd: true })
            {
                result.Append(added);
                done = true;
            }
            result.Append(line.Text);
        }
        if (done)
            return result.ToString();
        if (result.Length > 0 && result[^1] != '\n')
            result.Append('\n');
        return result.Append($"{Section}\n{added}{SectionEnd}\n").ToString();
    }

    /// <summary>
    /// Undoes <see cref="Without"/>: the old text where nothing else was changed since, else with what is missing at the
    /// section's end.
    /// </summary>
    /// <param name="old">The text that they were taken out of; null where it is not known.</param>
    internal static string Restored(string text, string? old, IReadOnlyList<string> rules)
    {
        var present = NatRules(text).ToHashSet();
        var missing = rules.Where(rule => !present.Contains(rule)).Distinct().ToList();
        if (missing.Count == 0)
            return text;
        return old is not null && Without(old, missing.ToHashSet()) == text ? old : With(text, missing);
    }

    private static IEnumerable<Line> Lines(string text)
    {
        var inNat = false;
        for (var start = 0; start < text.Length; )
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            var line = text[start..end];
            var content = line.Trim();
            if (content.StartsWith('*'))
                inNat = content == Section;
            var isEnd = content == SectionEnd;
            yield return new Line(line, inNat, isEnd, RuleOf(content));
            inNat &= !isEnd;
            start = end;
        }
    }

    // "[12:3456] -A POSTROUTING …" where iptables-save was asked for counters.
    private static string? RuleOf(string content)
    {
        if (content.StartsWith('[') && content.IndexOf("] ", StringComparison.Ordinal) is > 0 and var end)
            content = content[(end + 2)..].TrimStart();
        return content.StartsWith("-A ", StringComparison.Ordinal) ? content : null;
    }

    private readonly record struct Line(string Text, bool InNat, bool IsEnd, string? Rule);
}
