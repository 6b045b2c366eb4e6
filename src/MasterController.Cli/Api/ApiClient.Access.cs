using System.Globalization;
using MasterController.Cli.Api.Http;
using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    public Task<WhoAmI> WhoAmIAsync(CancellationToken cancel) =>
        GetAsync("/api/v1/whoami", CliJson.Wire.WhoAmI, cancel);

    public Task<ApiKeyList> ListKeysAsync(CancellationToken cancel) =>
        GetAsync("/api/v1/keys", CliJson.Wire.ApiKeyList, cancel);

    public Task<CreatedApiKey> CreateKeyAsync(CreateApiKeyRequest request, CancellationToken cancel) =>
        SendAsync(
            Call("POST", "/api/v1/keys", [], Json(request, CliJson.Line.CreateApiKeyRequest)),
            CliJson.Wire.CreatedApiKey,
            cancel
        );

    public async Task RevokeKeyAsync(string name, CancellationToken cancel)
    {
        using var reply = await SendAsync(Call("DELETE", $"/api/v1/keys/{Escape(name)}", []), cancel);
    }

    /// <summary>The newest entries, over as many pages as it takes.</summary>
    /// <param name="filter">What is asked for, by the query's names; null stands for any.</param>
    public async Task<AuditList> ListAuditAsync(
        IReadOnlyList<(string Name, string? Value)> filter,
        int limit,
        CancellationToken cancel
    )
    {
        List<AuditEntry> all = [];
        string? next = null;
        do
        {
            var size = Math.Min(PageSize, limit - all.Count);
            var query = AuditQuery(filter)
                .Add("limit", size.ToString(CultureInfo.InvariantCulture))
                .Add("cursor", next)
                .ToString();
            var page = await GetAsync(query, CliJson.Wire.AuditList, cancel);
            all.AddRange(page.Items);
            next = page.Items.Count > 0 ? page.Next : null;
        } while (next is not null && all.Count < limit);
        return new AuditList(all, next);
    }

    /// <summary>As a table for a spreadsheet; to be disposed of when it was read.</summary>
    public Task<HttpReply> ExportAuditAsync(
        IReadOnlyList<(string Name, string? Value)> filter,
        int? limit,
        CancellationToken cancel
    ) =>
        SendAsync(
            Call("GET", AuditQuery(filter).Add("format", "csv").Add("limit", Number(limit)).ToString(), []) with
            {
                Timeout = Timeout.InfiniteTimeSpan,
            },
            cancel
        );

    private static QueryString AuditQuery(IReadOnlyList<(string Name, string? Value)> filter)
    {
        var query = new QueryString("/api/v1/audit");
        foreach (var (name, value) in filter)
        {
            query = query.Add(name, value);
        }

        return query;
    }
}
