using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    private const string HooksPath = "/api/v1/webhooks";

    public Task<WebHookList> ListWebHooksAsync(CancellationToken cancel) =>
        GetAsync(HooksPath, CliJson.Wire.WebHookList, cancel);

    public Task<WebHook> GetWebHookAsync(string name, CancellationToken cancel) =>
        GetAsync($"{HooksPath}/{Escape(name)}", CliJson.Wire.WebHook, cancel);

    public Task<CreatedWebHook> CreateWebHookAsync(CreateWebHookRequest request, CancellationToken cancel) =>
        SendAsync(
            Call("POST", HooksPath, [], Json(request, CliJson.Line.CreateWebHookRequest)),
            CliJson.Wire.CreatedWebHook,
            cancel
        );

    public async Task DeleteWebHookAsync(string name, CancellationToken cancel)
    {
        using var reply = await SendAsync(Call("DELETE", $"{HooksPath}/{Escape(name)}", []), cancel);
    }

    public Task<WebHookTest> TestWebHookAsync(string name, CancellationToken cancel) =>
        SendAsync(Call("POST", $"{HooksPath}/{Escape(name)}/test", []), CliJson.Wire.WebHookTest, cancel);
}
