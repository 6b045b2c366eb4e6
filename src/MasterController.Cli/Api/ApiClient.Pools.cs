using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    public Task<PoolList> ListPoolsAsync(CancellationToken cancel) =>
        GetAsync("/api/v1/pools", CliJson.Wire.PoolList, cancel);

    public Task<Pool> GetPoolAsync(string name, CancellationToken cancel) =>
        GetAsync(PoolPath(name), CliJson.Wire.Pool, cancel);

    public Task<Pool> CreatePoolAsync(CreatePoolRequest request, CancellationToken cancel) =>
        SendAsync(
            Call("POST", "/api/v1/pools", [], Json(request, CliJson.Line.CreatePoolRequest)),
            CliJson.Wire.Pool,
            cancel
        );

    public async Task DeletePoolAsync(string name, CancellationToken cancel)
    {
        using var reply = await SendAsync(Call("DELETE", PoolPath(name), []), cancel);
    }

    /// <param name="limit">At most that many, over as many pages as it takes; all when null.</param>
    public Task<LeaseList> ListLeasesAsync(string pool, int? limit, CancellationToken cancel) =>
        AllPagesAsync(
            async (size, cursor) =>
            {
                var query = new QueryString($"{PoolPath(pool)}/leases").Add("limit", size).Add("cursor", cursor);
                var page = await GetAsync(query.ToString(), CliJson.Wire.LeaseList, cancel);
                return (page.Items, page.Total, page.Next);
            },
            (items, total, next) => new LeaseList(items, total, next),
            limit
        );

    /// <summary>Idempotent by its owner: the same owner gets the same lease again.</summary>
    public Task<Lease> CreateLeaseAsync(string pool, CreateLeaseRequest request, CancellationToken cancel) =>
        SendAsync(
            Call("POST", $"{PoolPath(pool)}/leases", [], Json(request, CliJson.Line.CreateLeaseRequest)),
            CliJson.Wire.Lease,
            cancel
        );

    public async Task DeleteLeaseAsync(string pool, string address, string owner, CancellationToken cancel)
    {
        var target = new QueryString($"{PoolPath(pool)}/leases/{Escape(address)}").Add("owner", owner);
        using var reply = await SendAsync(Call("DELETE", target.ToString(), []), cancel);
    }

    private static string PoolPath(string name) => $"/api/v1/pools/{Escape(name)}";
}
