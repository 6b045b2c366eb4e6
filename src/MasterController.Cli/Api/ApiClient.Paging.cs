using System.Globalization;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    private const int PageSize = 500;

    /// <summary>Fetches pages until there is no next one or <paramref name="limit"/> is reached.</summary>
    private static async Task<TList> AllPagesAsync<TItem, TList>(
        Func<string, string?, Task<(IReadOnlyList<TItem> Items, int Total, string? Next)>> fetch,
        Func<IReadOnlyList<TItem>, int, string?, TList> list,
        int? limit
    )
    {
        List<TItem> all = [];
        string? cursor = null;
        while (true)
        {
            var size = Math.Min(PageSize, (limit ?? int.MaxValue) - all.Count);
            var page = await fetch(size.ToString(CultureInfo.InvariantCulture), cursor);
            all.AddRange(page.Items);
            cursor = page.Next;
            if (cursor is null || page.Items.Count == 0 || all.Count >= limit)
            {
                return list(all, page.Total, cursor);
            }
        }
    }
}
