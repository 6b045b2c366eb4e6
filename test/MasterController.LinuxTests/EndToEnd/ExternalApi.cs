using System.Net;
using MasterController.Contracts;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>The calls about dedicated addresses.</summary>
internal static class ExternalApi
{
    private static readonly ContractsJson _json = ContractsJson.Default;

    public static Task<ExternalChange> OpenAsync(this ApiClient api, Vm vm, params string[] services) =>
        ChangeAsync(api, $"vms/{vm.Id}/open", ApiClient.Body(new OpenRequest(services), _json.OpenRequest));

    public static Task<ExternalChange> CloseAsync(this ApiClient api, Vm vm, params string[] services) =>
        ChangeAsync(api, $"vms/{vm.Id}/close", ApiClient.Body(new OpenRequest(services), _json.OpenRequest));

    public static Task<ExternalChange> AttachAddressAsync(this ApiClient api, Vm vm, AttachAddressRequest request) =>
        ChangeAsync(api, $"vms/{vm.Id}/addresses", ApiClient.Body(request, _json.AttachAddressRequest));

    public static Task<ExternalChange> ForwardAsync(this ApiClient api, AddForwardRequest request) =>
        ChangeAsync(api, "forwards", ApiClient.Body(request, _json.AddForwardRequest));

    public static Task<ExternalChange> RollBackAsync(this ApiClient api, ExternalChange change) =>
        ChangeAsync(api, $"external/history/{change.Id}/rollback", content: null);

    public static Task<ExternalCheck> CheckExternalAsync(this ApiClient api, Vm vm) =>
        api.SendAsync(HttpMethod.Post, $"vms/{vm.Id}/external-check", HttpStatusCode.OK, _json.ExternalCheck);

    public static Task<ExternalStatus> ExternalAsync(this ApiClient api) =>
        api.GetAsync("external", _json.ExternalStatus);

    public static async Task<Problem> RefusedForwardAsync(
        this ApiClient api,
        AddForwardRequest request,
        HttpStatusCode status
    ) =>
        await api.SendAsync(
            HttpMethod.Post,
            "forwards",
            status,
            _json.Problem,
            ApiClient.Body(request, _json.AddForwardRequest)
        );

    private static Task<ExternalChange> ChangeAsync(ApiClient api, string path, HttpContent? content) =>
        api.SendAnyAsync(
            HttpMethod.Post,
            path,
            [HttpStatusCode.OK, HttpStatusCode.Created],
            _json.ExternalChange,
            content
        );
}
