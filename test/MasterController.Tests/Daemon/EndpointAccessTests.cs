using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MasterController.Contracts;
using MasterController.Daemon.Access;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace MasterController.Tests.Daemon;

/// <summary>Every endpoint, asked by every kind of caller.</summary>
public sealed partial class EndpointAccessTests
{
    private static readonly string[] _kinds =
    [
        "nobody",
        "viewer",
        "operator",
        "admin",
        "viewer of an owner",
        "operator of an owner",
        "operator of a pool",
    ];

    [Fact]
    public async Task Every_endpoint_is_in_the_table_and_the_table_has_no_other()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var endpoints = Endpoints(api);
        Assert.Empty(endpoints.Where(e => !EndpointAccess.IsOfReferencePage(e)).Except(EndpointAccess.All.Keys));
        Assert.Empty(EndpointAccess.All.Keys.Except(endpoints));
    }

    [Fact]
    public async Task Each_caller_gets_as_far_as_the_table_says()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var clients = new Dictionary<string, HttpClient>();
        foreach (var kind in _kinds)
            clients[kind] = api.Tcp(await SecretAsync(api, kind));
        List<string> wrong = [];
        foreach (var (name, access) in EndpointAccess.All)
        foreach (var (kind, client) in clients)
        {
            var (status, detail) = await AskAsync(client, name);
            if (Wrong(access, kind, status, detail) is { } difference)
                wrong.Add($"{name} as {kind}: {(int)status} {detail}; {difference}");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task The_document_and_the_page_that_shows_it_are_for_everybody()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var nobody = api.Tcp();
        foreach (var path in (string[])["healthz", "readyz", "openapi/v1.json", "docs/"])
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(nobody, $"GET /{path}")).Status);
        foreach (var endpoint in Endpoints(api).Where(EndpointAccess.IsOfReferencePage))
            Assert.NotEqual(HttpStatusCode.Unauthorized, (await AskAsync(nobody, endpoint)).Status);
    }

    [Fact]
    public async Task What_no_endpoint_is_tells_nothing_to_those_without_a_key()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var nobody = api.Tcp();
        using var viewer = api.Tcp(await api.KeyAsync("viewer"));
        (string Endpoint, HttpStatusCode Expected)[] unknown =
        [
            ("GET /api/v1/nothing", HttpStatusCode.NotFound),
            ("PATCH /api/v1/vms", HttpStatusCode.MethodNotAllowed),
        ];
        foreach (var (endpoint, expected) in unknown)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(nobody, endpoint)).Status);
            Assert.Equal(expected, (await AskAsync(viewer, endpoint)).Status);
        }
    }

    private static string? Wrong(EndpointAccess access, string kind, HttpStatusCode status, string detail)
    {
        if (access.Least is not { } least)
            return status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "it is for everybody" : null;
        if (kind == "nobody")
            // After some failures an address is told to wait.
            return status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests ? null : "401 is expected";
        var role = Enum.Parse<Role>(kind.Split(' ')[0], ignoreCase: true);
        if (role < least)
            return status == HttpStatusCode.Forbidden && detail.Contains("needs the role", StringComparison.Ordinal)
                ? null
                : "403 for its role is expected";
        var isScoped = kind.Contains(" of ", StringComparison.Ordinal);
        if (isScoped && access.Scope is null)
            return status == HttpStatusCode.Forbidden && detail.Contains("restricted to", StringComparison.Ordinal)
                ? null
                : "403 for its scope is expected";
        if (isScoped && access.Scope == ScopePart.Handler)
            return status == HttpStatusCode.Unauthorized || detail.Contains("knows no such", StringComparison.Ordinal)
                ? "it should have got to the handler"
                : null;
        return status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "it should have got through" : null;
    }

    private static async Task<string?> SecretAsync(ApiUnderTest api, string kind) =>
        kind switch
        {
            "nobody" => null,
            "viewer of an owner" => await api.KeyAsync("viewer", owner: "ann"),
            "operator of an owner" => await api.KeyAsync("operator", owner: "ann"),
            "operator of a pool" => await api.KeyAsync("operator", pool: "default"),
            _ => await api.KeyAsync(kind),
        };

    private static async Task<(HttpStatusCode Status, string Detail)> AskAsync(HttpClient client, string endpoint)
    {
        var (method, path) = (endpoint.Split(' ')[0], Parameter().Replace(endpoint.Split(' ')[1], ValueOf));
        using var response = await client.SendAsync(
            new HttpRequestMessage(new HttpMethod(method), path),
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return (response.StatusCode, "");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonSerializer.Deserialize(text, ContractsJson.Default.Problem)!.Detail ?? "");
    }

    private static string ValueOf(Match parameter) =>
        parameter.Value switch
        {
            "{pool}" => "default",
            "{address}" => "192.168.100.7",
            "{documentName}" => "v1",
            _ => "nothing",
        };

    private static string[] Endpoints(ApiUnderTest api) =>
        [
            .. api.Part<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .SelectMany(e =>
                    (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"]).Select(method =>
                        $"{method} /{e.RoutePattern.RawText!.Trim('/')}"
                    )
                ),
        ];

    [GeneratedRegex("{[a-zA-Z]+}")]
    private static partial Regex Parameter();
}
