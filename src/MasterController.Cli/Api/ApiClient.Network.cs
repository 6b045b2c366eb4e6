using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    public Task<NetworkTraffic> GetTrafficAsync(string? sort, int? limit, CancellationToken cancel) =>
        GetAsync(
            new QueryString("/api/v1/network/traffic").Add("sort", sort).Add("limit", Number(limit)).ToString(),
            CliJson.Wire.NetworkTraffic,
            cancel
        );

    public Task<VmTraffic> GetVmTrafficAsync(string name, CancellationToken cancel) =>
        GetAsync($"{VmPath(name)}/traffic", CliJson.Wire.VmTraffic, cancel);
}
