using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using MasterController.Contracts;
using MasterController.Daemon.Requests;
using MasterController.Tests.Daemon;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace MasterController.Tests.Fuzzing;

/// <summary>Spoilt requests to every endpoint over HTTP: an answer, or a problem; never a failure of the server.</summary>
public sealed partial class ApiFuzzTests
{
    /// <summary>Their parts are not there in these tests, so that a request that is right by chance would fail.</summary>
    private static readonly string[] _without = ["/api/v1/images"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bodies()
    {
        await using var api = await StartAsync();
        var endpoints = api
            .Endpoints.OfType<RouteEndpoint>()
            .Select(e => (Endpoint: e, Body: e.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType))
            .Where(e => e.Body is not null && !_without.Contains(e.Endpoint.RoutePattern.RawText!.TrimEnd('/')))
            .ToArray();
        Assert.True(endpoints.Length >= 12);
        await Gen.Select(Gen.Int[0, endpoints.Length - 1], Gen.Int)
            .SampleAsync(
                async (index, seed) =>
                {
                    var (endpoint, type) = endpoints[index];
                    Assert.True(BodySamples.All.ContainsKey(type!), $"{type} has no sample");
                    var content = new ByteArrayContent(JsonMutation.Of(BodySamples.All[type!], seed));
                    content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                    var request = new HttpRequestMessage(new HttpMethod(MethodOf(endpoint)), PathOf(endpoint))
                    {
                        Content = content,
                    };
                    await CheckAsync(api, request);
                },
                iter: 1_000,
                threads: 2
            );
    }

    [Fact]
    public async Task Queries()
    {
        await using var api = await StartAsync();
        var endpoints = api
            .Endpoints.OfType<RouteEndpoint>()
            .Where(e =>
                MethodOf(e) == "GET" && e.RoutePattern.RawText!.StartsWith("/api/v1/", StringComparison.Ordinal)
            )
            .Where(e => e.Metadata.GetMetadata<QueryParameters>() is not null)
            .Where(e => e.RoutePattern.RawText!.TrimEnd('/') is not ("/api/v1/events" or "/api/v1/images"))
            .ToArray();
        var odd = Gen.OneOf(
            Gen.String,
            Gen.OneOf(
                "",
                "0",
                "-1",
                "1e9",
                "99999999999",
                "true",
                "2026-02-30",
                "9999-12-31T23:59:59.9999999Z",
                "0001-01-01"
            ),
            Gen.OneOf("a=b", "=", "10.0.0.0/8", "\u0000", "\ud800", "minute", "csv", "ipv4", "both", "0.x")
        );
        await Gen.Select(Gen.Int[0, endpoints.Length - 1], odd.Array[0, 4], Gen.Int)
            .SampleAsync(
                async (index, values, seed) =>
                {
                    var endpoint = endpoints[index];
                    var known = endpoint.Metadata.GetMetadata<QueryParameters>()!.All;
                    var random = new Random(seed);
                    var query = values.Select(v =>
                        $"{(random.Next(8) == 0 ? Escape(v) : known[random.Next(known.Count)].Name)}={Escape(v)}"
                    );
                    await CheckAsync(
                        api,
                        new HttpRequestMessage(HttpMethod.Get, $"{PathOf(endpoint)}?{string.Join('&', query)}")
                    );
                },
                iter: 1_000,
                threads: 2
            );
    }

    [Theory]
    [InlineData("vms")]
    [InlineData("pools/p/leases")]
    [InlineData("operations")]
    [InlineData("events/history")]
    public async Task Cursors_that_are_none_are_refused_by_name(string path)
    {
        await using var api = await StartAsync();
        var (response, problem) = await api.RefusedAsync("GET", $"api/v1/{path}?cursor=~");
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(["cursor"], problem.Errors!.Keys);
    }

    [Fact]
    public async Task Headers()
    {
        await using var api = await StartAsync();
        var run = api.Journal.Begin("image.build", "golden", "fetch");
        await run.SucceedAsync();
        var odd = Gen.OneOf(
            Gen.String[Gen.Char[' ', '~'], 0, 40],
            Gen.Select(
                Gen.OneOf("wait=", "WAIT=", "wait = ", "respond-async, wait=", ""),
                Gen.Long,
                (p, n) => $"{p}{n}"
            ),
            Gen.OneOf("wait=0;foo", ",,", "wait=", "wait=0x1", "-1", "+1", "1,2", "9223372036854775808")
        );
        await odd.SampleAsync(
            async value =>
            {
                // Whoever is answered with events is not, once it has hung up.
                var events = new HttpRequestMessage(HttpMethod.Get, "api/v1/events");
                events.Headers.TryAddWithoutValidation("Last-Event-ID", value);
                await CheckAsync(api, events);
                var wait = new HttpRequestMessage(HttpMethod.Get, $"api/v1/operations/{run.Id}");
                wait.Headers.TryAddWithoutValidation("Prefer", value);
                await CheckAsync(api, wait);
            },
            iter: 250,
            threads: 2
        );
    }

    private static async Task<ApiUnderTest> StartAsync()
    {
        var api = await ApiUnderTest.StartAsync();
        const string pool = """{"name":"p","ranges":[{"cidr":"10.8.0.0/24"}]}""";
        using var body = new StringContent(pool, System.Text.Encoding.UTF8, "application/json");
        (await api.Client.PostAsync("api/v1/pools", body, Cancelled)).EnsureSuccessStatusCode();
        return api;
    }

    private static async Task CheckAsync(ApiUnderTest api, HttpRequestMessage request)
    {
        using var response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        var status = (int)response.StatusCode;
        if (status < 400)
            return;
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(status < 500, $"{request.Method} {request.RequestUri}: {status} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize(text, ContractsJson.Default.Problem)!;
        if (problem.Type == $"/problems/{ProblemTypes.InvalidRequest}")
            Assert.NotEmpty(problem.Errors!);
    }

    private static string MethodOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? "";

    private static string PathOf(RouteEndpoint endpoint) =>
        Parameter()
            .Replace(
                endpoint.RoutePattern.RawText!.TrimStart('/'),
                m =>
                    m.Value == "{pool}" ? "p"
                    : m.Value == "{address}" ? "10.8.0.9"
                    : "x"
            );

    private static string Escape(string value) =>
        string.Concat(System.Text.Encoding.UTF8.GetBytes(value).Select(b => $"%{b:X2}"));

    [GeneratedRegex("\\{[^}]*\\}")]
    private static partial Regex Parameter();
}
