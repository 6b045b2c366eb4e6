namespace MasterController.Cli.Errors;

/// <summary>What somebody may have meant to type.</summary>
internal static class Spelling
{
    /// <returns>The nearest first; none that differs in more than a third of its letters.</returns>
    public static IReadOnlyList<string> Nearest(string typed, IEnumerable<string> words) =>
        [
            .. words
                .Distinct()
                .Select(word => (Word: word, Distance: Distance(typed, word)))
                .Where(x =>
                    x.Distance <= Math.Max(1, Math.Max(typed.Length, x.Word.Length) / 3) || IsBegun(typed, x.Word)
                )
                .OrderBy(x => x.Distance)
                .ThenBy(x => x.Word, StringComparer.Ordinal)
                .Take(3)
                .Select(x => x.Word),
        ];

    /// <summary>Insertions, deletions, replacements and swapped neighbours (optimal string alignment).</summary>
    public static int Distance(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                var replaced = a[i - 1] == b[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + replaced);
                var swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                cost[i, j] = swapped ? Math.Min(best, cost[i - 2, j - 2] + 1) : best;
            }
        }

        return cost[a.Length, b.Length];
    }

    private static bool IsBegun(string typed, string word) =>
        typed.Trim('-').Length >= 2 && word.StartsWith(typed, StringComparison.Ordinal);
}
