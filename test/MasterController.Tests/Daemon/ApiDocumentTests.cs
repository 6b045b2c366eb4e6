using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace MasterController.Tests.Daemon;

public partial class ApiDocumentTests
{
    [Fact]
    public async Task Every_operation_is_described_with_its_errors()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var document = await DocumentAsync(api);
        var operations = document["paths"]!
            .AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(o => (Name: $"{o.Key} {path.Key}", Operation: o.Value!)))
            .ToArray();
        Assert.True(operations.Length >= 22);
        Assert.All(operations, o => Assert.NotNull(o.Operation["summary"]));
        Assert.All(operations, o => Assert.NotNull(o.Operation["operationId"]));
        Assert.All(
            operations.Where(o =>
                o.Name.Contains("/api/", StringComparison.Ordinal)
                && !o.Name.EndsWith("/doctor", StringComparison.Ordinal)
            ),
            o =>
                Assert.Equal(
                    "#/components/schemas/Problem",
                    (string?)
                        o.Operation["responses"]!["503"]!["content"]!["application/problem+json"]!["schema"]!["$ref"]
                )
        );
    }

    [Fact]
    public async Task Parameters_that_handlers_read_themselves_are_in_the_document()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var document = await DocumentAsync(api);
        var list = document["paths"]!["/api/v1/vms"]!["get"]!["parameters"]!.AsArray();
        var limit = list.Single(p => (string?)p!["name"] == "limit")!;
        Assert.Equal(1000, (int)limit["schema"]!["maximum"]!);
        Assert.Equal(100, (int)limit["schema"]!["default"]!);
        var create = document["paths"]!["/api/v1/vms"]!["post"]!["parameters"]!.AsArray();
        Assert.Equal(["Idempotency-Key", "Prefer"], create.Select(p => (string?)p!["name"]));
    }

    [Fact]
    public async Task The_contracts_comments_are_the_schemas_descriptions()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var schemas = (await DocumentAsync(api))["components"]!["schemas"]!;
        Assert.Contains(
            "DNS label",
            (string?)schemas["CreateVmRequest"]!["properties"]!["name"]!["description"],
            StringComparison.Ordinal
        );
        Assert.Equal("integer", (string?)schemas["Pool"]!["properties"]!["free"]!["type"]);
    }

    [Fact]
    public async Task The_reference_page_loads_nothing_from_elsewhere_and_the_browser_is_told_so()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var response = await api.Client.GetAsync("docs/", TestContext.Current.CancellationToken);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(
            "//",
            page.Replace("<!doctype html>", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", policy, StringComparison.Ordinal);
        foreach (Match script in Source().Matches(page))
        {
            var loaded = await api.Client.GetAsync(
                "docs/" + script.Groups[1].Value,
                TestContext.Current.CancellationToken
            );
            Assert.True(loaded.IsSuccessStatusCode, script.Value);
        }
    }

    private static async Task<JsonNode> DocumentAsync(ApiUnderTest api) =>
        JsonNode.Parse(await api.Client.GetStringAsync("openapi/v1.json", TestContext.Current.CancellationToken))!;

    [GeneratedRegex("src=\"([^\"]+)\"")]
    private static partial Regex Source();
}
