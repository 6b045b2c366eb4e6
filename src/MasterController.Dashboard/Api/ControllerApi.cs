using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using MasterController.Dashboard.Sessions;
using Microsoft.AspNetCore.Components;

namespace MasterController.Dashboard.Api;

/// <summary>
/// The controller as the pages of one circuit speak to it: with the key of whoever is logged in, and under
/// <c>/api/v1/</c>. Who was logged out, or whose key was revoked, is led to the log-in page.
/// </summary>
internal sealed class ControllerApi(ControllerSocket socket, CircuitSession session, NavigationManager navigation)
    : IDisposable
{
    private HttpClient? _http;

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken = default) =>
        CallAsync(calls => calls.GetAsync(path, type, cancellationToken));

    public Task<T> SendAsync<TBody, T>(
        HttpMethod method,
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken = default
    ) =>
        CallAsync(calls =>
            calls.SendAsync(method, path, ControllerCalls.Json(body, bodyType), type, cancellationToken)
        );

    public Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken = default
    ) => CallAsync(calls => calls.SendAsync(method, path, body: null, type, cancellationToken));

    public Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken = default) =>
        CallAsync(async calls =>
        {
            await calls.SendAsync(method, path, body: null, cancellationToken);
            return true;
        });

    public Task<string> TextAsync(string path, CancellationToken cancellationToken = default) =>
        CallAsync(calls => calls.TextAsync(path, cancellationToken));

    public Task<Stream> StreamAsync(string path, CancellationToken cancellationToken) =>
        CallAsync(calls => calls.StreamAsync(path, cancellationToken));

    public void Dispose() => _http?.Dispose();

    private async Task<T> CallAsync<T>(Func<ControllerCalls, Task<T>> call)
    {
        if (await session.KeyAsync() is not { } key)
            throw LoggedOut();
        _http ??= Client(key);
        try
        {
            return await call(new ControllerCalls(_http));
        }
        catch (ApiException refused) when (refused.Status == StatusCodes.Status401Unauthorized)
        {
            throw LoggedOut();
        }
    }

    private HttpClient Client(string key)
    {
        var client = socket.Client(key);
        client.BaseAddress = new Uri(client.BaseAddress!, "api/v1/");
        return client;
    }

    private ApiException LoggedOut()
    {
        var to = Uri.EscapeDataString($"/{navigation.ToBaseRelativePath(navigation.Uri)}");
        navigation.NavigateTo($"{SessionCookie.LoginPath}?why=out&to={to}", forceLoad: true);
        return new ApiException(
            new Problem($"/problems/{ProblemTypes.Unauthenticated}", "You are not logged in any more.", 401),
            StatusCodes.Status401Unauthorized
        );
    }
}
