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

    public Task<NetworkStatus> GetNetworkAsync(CancellationToken cancel) =>
        GetAsync("/api/v1/network", CliJson.Wire.NetworkStatus, cancel);

    /// <param name="history">Also what has ended.</param>
    /// <param name="limit">The daemon's own limit when null.</param>
    public Task<NetworkDriftList> GetNetworkDriftAsync(bool history, int? limit, CancellationToken cancel) =>
        GetAsync(
            new QueryString("/api/v1/network/drift")
                .Add("history", history ? "true" : null)
                .Add("limit", Number(limit))
                .ToString(),
            CliJson.Wire.NetworkDriftList,
            cancel
        );

    /// <param name="plan">Only says what would be done.</param>
    public Task<NetworkRepair> RepairNetworkAsync(bool plan, CancellationToken cancel) =>
        SendAsync(
            Call(
                "POST",
                "/api/v1/network/repair",
                [],
                Json(new RepairNetworkRequest(plan), CliJson.Line.RepairNetworkRequest)
            ),
            CliJson.Wire.NetworkRepair,
            cancel
        );
}
