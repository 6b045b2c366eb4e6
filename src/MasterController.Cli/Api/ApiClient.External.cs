using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    public Task<ExternalChange> OpenAsync(string vm, OpenRequest request, CancellationToken cancel) =>
        PostAsync($"{VmPath(vm)}/open", Json(request, CliJson.Line.OpenRequest), cancel);

    public Task<ExternalChange> CloseAsync(string vm, OpenRequest request, CancellationToken cancel) =>
        PostAsync($"{VmPath(vm)}/close", Json(request, CliJson.Line.OpenRequest), cancel);

    public Task<ExternalChange> AttachAddressAsync(string vm, AttachAddressRequest request, CancellationToken cancel) =>
        PostAsync($"{VmPath(vm)}/addresses", Json(request, CliJson.Line.AttachAddressRequest), cancel);

    /// <param name="plan">Only says what would be done.</param>
    public Task<ExternalChange> DetachAddressAsync(string vm, string address, bool plan, CancellationToken cancel) =>
        DeleteAsync($"{VmPath(vm)}/addresses/{Escape(address)}", plan, cancel);

    public Task<ExternalChange> AddForwardAsync(AddForwardRequest request, CancellationToken cancel) =>
        PostAsync("/api/v1/forwards", Json(request, CliJson.Line.AddForwardRequest), cancel);

    /// <param name="plan">Only says what would be done.</param>
    public Task<ExternalChange> DeleteForwardAsync(string id, bool plan, CancellationToken cancel) =>
        DeleteAsync($"/api/v1/forwards/{Escape(id)}", plan, cancel);

    /// <param name="limit">The daemon's own limit when null.</param>
    public Task<ForwardList> ListForwardsAsync(string? vm, int? limit, CancellationToken cancel) =>
        GetAsync(
            new QueryString("/api/v1/forwards").Add("vm", vm).Add("limit", Number(limit)).ToString(),
            CliJson.Wire.ForwardList,
            cancel
        );

    public Task<ExternalStatus> GetExternalAsync(CancellationToken cancel) =>
        GetAsync("/api/v1/external", CliJson.Wire.ExternalStatus, cancel);

    /// <param name="kind">"ipv6" or "ipv4"; both when null.</param>
    public Task<DedicatedAddressList> ListDedicatedAddressesAsync(string? kind, int? limit, CancellationToken cancel) =>
        GetAsync(
            new QueryString("/api/v1/external/addresses").Add("kind", kind).Add("limit", Number(limit)).ToString(),
            CliJson.Wire.DedicatedAddressList,
            cancel
        );

    public Task<ExternalChangeList> GetExternalHistoryAsync(
        string? vm,
        string? address,
        int? limit,
        CancellationToken cancel
    ) =>
        GetAsync(
            new QueryString("/api/v1/external/history")
                .Add("vm", vm)
                .Add("address", address)
                .Add("limit", Number(limit))
                .ToString(),
            CliJson.Wire.ExternalChangeList,
            cancel
        );

    /// <param name="plan">Only says what would be done.</param>
    public Task<ExternalChange> RollBackExternalAsync(string id, bool plan, CancellationToken cancel) =>
        PostAsync(
            $"/api/v1/external/history/{Escape(id)}/rollback",
            Json(new RollbackExternalRequest(plan), CliJson.Line.RollbackExternalRequest),
            cancel
        );

    public Task<ExternalCheck> CheckExternalAsync(string vm, CancellationToken cancel) =>
        SendAsync(Call("POST", $"{VmPath(vm)}/external-check", []), CliJson.Wire.ExternalCheck, cancel);

    private Task<ExternalChange> PostAsync(string target, ReadOnlyMemory<byte> body, CancellationToken cancel) =>
        SendAsync(Call("POST", target, [], body), CliJson.Wire.ExternalChange, cancel);

    private Task<ExternalChange> DeleteAsync(string target, bool plan, CancellationToken cancel) =>
        SendAsync(
            Call("DELETE", new QueryString(target).Add("plan", plan ? "true" : null).ToString(), []),
            CliJson.Wire.ExternalChange,
            cancel
        );
}
