using System.Globalization;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;

namespace MasterController.Daemon.Endpoints;

/// <summary>The parameters of every listing that comes in pages.</summary>
internal static class Paging
{
    public static readonly QueryParameter Limit = QueryParameter.Integer(
        "limit",
        "How many items a page has at most.",
        least: 1,
        most: 1000,
        byDefault: 100
    );

    public static readonly QueryParameter Cursor = QueryParameter.Text(
        "cursor",
        "`next` of the page before; left out for the first page."
    );

    /// <summary>The cursor of a listing whose items have numbers; null for the first page.</summary>
    public static ProblemResult? ReadNumber(QueryValues query, out long? cursor)
    {
        cursor = null;
        if (query.Text(Cursor) is not { } text)
            return null;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Invalid(text);
        cursor = number;
        return null;
    }

    public static ProblemResult Invalid(string? cursor) =>
        Problems.Invalid(Cursor.Name, $"\"{cursor}\" is not the next of a page");
}
