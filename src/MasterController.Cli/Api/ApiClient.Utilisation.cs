using System.Globalization;
using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    public Task<PoolStats> GetPoolStatsAsync(string pool, int? top, CancellationToken cancel) =>
        GetAsync(
            new QueryString($"{PoolPath(pool)}/stats")
                .Add("top", top?.ToString(CultureInfo.InvariantCulture))
                .ToString(),
            CliJson.Wire.PoolStats,
            cancel
        );

    public Task<FreeAddresses> GetPoolFreeAsync(string pool, int? limit, CancellationToken cancel) =>
        GetAsync(
            new QueryString($"{PoolPath(pool)}/free")
                .Add("limit", limit?.ToString(CultureInfo.InvariantCulture))
                .ToString(),
            CliJson.Wire.FreeAddresses,
            cancel
        );
}
