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
}
