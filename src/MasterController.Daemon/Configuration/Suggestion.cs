namespace MasterController.Daemon.Configuration;

/// <summary>Finds what a person may have meant by a name that does not exist.</summary>
internal static class Suggestion
{
    /// <summary>" (did you mean "x"?)", or nothing where nothing is near.</summary>
    public static string For(string written, params ReadOnlySpan<string> known)
    {
        string? nearest = null;
        var least = Math.Max(2, written.Length / 3) + 1;
        foreach (var candidate in known)
        {
            var distance = Distance(written, candidate);
            if (distance < least)
                (nearest, least) = (candidate, distance);
        }
        return nearest is null ? "" : $" (did you mean \"{nearest}\"?)";
    }

    /// <summary>Insertions, deletions and replacements that lead from one text to the other (Levenshtein).</summary>
    private static int Distance(string from, string to)
    {
        var row = new int[to.Length + 1];
        for (var j = 0; j <= to.Length; j++)
            row[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.Length];
    }
}
