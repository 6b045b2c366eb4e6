using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    private const string QuotasPath = "/api/v1/quotas";

    public Task<QuotaList> ListQuotasAsync(CancellationToken cancel) =>
        GetAsync(QuotasPath, CliJson.Wire.QuotaList, cancel);

    public Task<Quota> GetQuotaAsync(string owner, CancellationToken cancel) =>
        GetAsync($"{QuotasPath}/{Escape(owner)}", CliJson.Wire.Quota, cancel);

    public Task<Quota> SetQuotaAsync(string owner, QuotaLimits limits, CancellationToken cancel) =>
        SendAsync(
            Call("PUT", $"{QuotasPath}/{Escape(owner)}", [], Json(limits, CliJson.Line.QuotaLimits)),
            CliJson.Wire.Quota,
            cancel
        );

    public async Task ClearQuotaAsync(string owner, CancellationToken cancel)
    {
        using var reply = await SendAsync(Call("DELETE", $"{QuotasPath}/{Escape(owner)}", []), cancel);
    }
}
