using System.Globalization;
using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    public Task<Stats> GetStatsAsync(int? top, CancellationToken cancel) =>
        GetAsync(
            new QueryString("/api/v1/stats").Add("top", top?.ToString(CultureInfo.InvariantCulture)).ToString(),
            CliJson.Wire.Stats,
            cancel
        );

    public Task<HostInfo> GetHostAsync(CancellationToken cancel) =>
        GetAsync("/api/v1/host", CliJson.Wire.HostInfo, cancel);
}
