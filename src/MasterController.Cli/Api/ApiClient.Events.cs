using System.Globalization;
using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    /// <summary>The newest so many that match, newest first.</summary>
    public Task<EventList> ListEventsAsync(
        string? type,
        string? subject,
        DateTimeOffset? from,
        DateTimeOffset? to,
        int limit,
        CancellationToken cancel
    ) =>
        AllPagesAsync(
            async (size, cursor) =>
            {
                var target = new QueryString("/api/v1/events/history")
                    .Add("type", type)
                    .Add("subject", subject)
                    .Add("from", Time(from))
                    .Add("to", Time(to))
                    .Add("limit", size)
                    .Add("cursor", cursor);
                var page = await GetAsync(target.ToString(), CliJson.Wire.EventList, cancel);
                return (page.Items, 0, page.Next);
            },
            (IReadOnlyList<Event> items, int _, string? next) => new EventList(items, next),
            limit
        );

    private static string? Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
