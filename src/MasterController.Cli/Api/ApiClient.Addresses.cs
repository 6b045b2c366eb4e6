using System.Globalization;
using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    public Task<AddressInfo> ExplainAddressAsync(string address, CancellationToken cancel) =>
        GetAsync(AddressPath(address), CliJson.Wire.AddressInfo, cancel);

    /// <param name="at">Adds what it was then, and leaves out what came later.</param>
    /// <param name="limit">The newest so many entries; the daemon's own limit when null.</param>
    public Task<AddressHistoryList> GetAddressHistoryAsync(
        string address,
        DateTimeOffset? at,
        int? limit,
        CancellationToken cancel
    )
    {
        var query = new QueryString($"{AddressPath(address)}/history")
            .Add("at", at?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))
            .Add("limit", limit?.ToString(CultureInfo.InvariantCulture));
        return GetAsync(query.ToString(), CliJson.Wire.AddressHistoryList, cancel);
    }

    private static string AddressPath(string address) => $"/api/v1/addresses/{Escape(address)}";
}
