using System.Net;
using System.Text;
using Xunit;

namespace MasterController.Tests.Daemon;

public class ApiRefusalTests
{
    [Fact]
    public async Task Every_wrong_member_is_named_with_its_value()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync(
            "POST",
            "api/v1/vms",
            """{"nam": "x", "vcpus": "2", "labels": {"a": 1, "b": null}, "memoryMib": 1e99}"""
        );
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("/problems/invalid-request", problem.Type);
        Assert.Equal(["nam", "vcpus", "labels.a", "labels.b", "memoryMib"], problem.Errors!.Keys);
        Assert.Equal("unknown member (did you mean \"name\"?)", problem.Errors["nam"][0]);
        Assert.StartsWith("\"2\" is not a whole number", problem.Errors["vcpus"][0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "a JSON object is required")]
    [InlineData("[]", "[] is not an object")]
    [InlineData("null", "null is not an object")]
    [InlineData("{\n \"name\": }", "is not valid JSON (line 2, column 10)")]
    [InlineData("{\"name\": \"a\", \"name\": \"b\"}", "is not valid JSON")]
    public async Task A_body_that_is_no_object_is_refused(string json, string expected)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/vms", json);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith(expected, problem.Errors!["body"][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_that_lacks_what_it_needs_is_told_all_of_it()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (_, nested) = await api.RefusedAsync(
            "POST",
            "api/v1/pools",
            """{"name": "p", "ranges": [{"cidrr": "x"}, {"reservations": ["a", 2]}]}"""
        );
        Assert.Equal(["ranges[0].cidrr", "ranges[1].reservations[1]"], nested.Errors!.Keys);
        var (_, missing) = await api.RefusedAsync("POST", "api/v1/pools", """{"cooldownSeconds": -1}""");
        Assert.Equal(["name", "ranges", "cooldownSeconds"], missing.Errors!.Keys);
    }

    [Fact]
    public async Task Every_bad_rule_of_a_policy_is_named_with_its_value()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync(
            "PUT",
            "api/v1/vms/web/egress",
            """{"default": "drop", "allow": ["10.0.0.0/8", "10.0.0.0/8:80", "x"], "deny": ["10.0.0.1/8", null]}"""
        );
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(["deny[1]"], problem.Errors!.Keys);
        (response, problem) = await api.RefusedAsync(
            "PUT",
            "api/v1/vms/web/egress",
            """{"default": "drop", "allow": ["10.0.0.0/8", "10.0.0.0/8:80", "x"], "deny": ["10.0.0.1/8"]}"""
        );
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(["default", "allow[1]", "allow[2]", "deny[0]"], problem.Errors!.Keys);
        Assert.Contains("\"10.0.0.0/8:80\" has a port without a protocol", problem.Errors["allow[1]"][0]);
    }

    [Fact]
    public async Task Every_bad_number_of_a_rate_limit_is_named_with_its_value()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync(
            "PUT",
            "api/v1/vms/web/rate-limit",
            """{"outBytesPerSecond": 5, "inBurstPackets": 7}"""
        );
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(["outBytesPerSecond", "inBurstPackets"], problem.Errors!.Keys);
        Assert.Equal("5 is not 1000 to 1000000000000", problem.Errors["outBytesPerSecond"][0]);
    }

    [Theory]
    [InlineData("PUT", "egress", "{}")]
    [InlineData("DELETE", "egress", null)]
    [InlineData("PUT", "rate-limit", "{}")]
    [InlineData("DELETE", "rate-limit", null)]
    public async Task A_policy_for_a_VM_that_is_not_there_is_refused(string method, string policy, string? body)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync(method, $"api/v1/vms/web/{policy}", body);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("\"web\"", problem.Detail);
    }

    [Theory]
    [InlineData("api/v1/vms?limt=3", "limt", "unknown parameter (did you mean \"limit\"?)")]
    [InlineData("api/v1/vms?limit=0", "limit", "\"0\" is not a whole number from 1 to 1000")]
    [InlineData("api/v1/vms?limit=1001", "limit", "\"1001\" is not")]
    [InlineData("api/v1/vms?limit=+5", "limit", "\" 5\" is not")]
    [InlineData("api/v1/vms?status=runing", "status", "\"runing\" is not one of")]
    [InlineData("api/v1/vms?label=x", "label", "\"x\" is not of the form key=value")]
    [InlineData("api/v1/vms?type=a&type=b", "type", "is given more than once")]
    [InlineData("api/v1/vms/v/console?follow=1", "follow", "\"1\" is neither true nor false")]
    [InlineData("api/v1/pools/p/leases?cursor=x", "cursor", "\"x\" is not the next of a page")]
    [InlineData("api/v1/operations?status=done", "status", "\"done\" is not one of")]
    public async Task A_wrong_query_is_refused(string path, string parameter, string expected)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("GET", path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith(expected, problem.Errors![parameter][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_without_an_owner_is_refused()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("DELETE", "api/v1/pools/p/leases/192.0.2.1");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(["is required"], problem.Errors!["owner"]);
    }

    [Theory]
    [InlineData("Prefer", "wait=601")]
    [InlineData("Prefer", "respond-async, wait=soon")]
    [InlineData("Idempotency-Key", "")]
    [InlineData("Idempotency-Key", "a\tb")]
    public async Task A_wrong_header_is_refused(string name, string value)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/vms", "{}", header: (name, value));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal([name], problem.Errors!.Keys);
    }

    [Fact]
    public async Task An_idempotency_key_has_255_characters_at_most()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (_, problem) = await api.RefusedAsync(
            "POST",
            "api/v1/vms",
            "{}",
            header: ("Idempotency-Key", new string('k', 256))
        );
        Assert.Equal(["Idempotency-Key"], problem.Errors!.Keys);
    }

    [Theory]
    [InlineData("GET", "nowhere", 404, "not-found")]
    [InlineData("PUT", "api/v1/vms", 405, "method-not-allowed")]
    [InlineData("GET", "api/v1/operations/op-none", 404, "not-found")]
    public async Task What_there_is_not_is_a_problem_too(string method, string path, int status, string type)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync(method, path);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal($"/problems/{type}", problem.Type);
        Assert.Equal(status, problem.Status);
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_refused()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/vms", "a=b", "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("/problems/unsupported-media-type", problem.Type);
    }

    [Fact]
    public async Task A_body_over_1_MiB_is_refused()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var body = new StringBuilder("{\"name\": \"").Append('x', 1024 * 1024).Append("\"}").ToString();
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/vms", body);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("/problems/too-large", problem.Type);
    }

    [Fact]
    public async Task Until_recovery_has_ended_nothing_but_health_and_doctor_answers()
    {
        await using var api = await ApiUnderTest.StartAsync(isRecovered: false);
        foreach (var path in (string[])["api/v1/vms", "api/v1/pools", "api/v1/images", "api/v1/events"])
        {
            var (response, problem) = await api.RefusedAsync("GET", path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal("/problems/not-ready", problem.Type);
            Assert.NotNull(response.Headers.RetryAfter);
        }
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, "healthz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, "api/v1/doctor"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(api, "readyz"));
    }

    [Fact]
    public async Task Readiness_needs_recovery_the_network_and_the_store()
    {
        await using var api = await ApiUnderTest.StartAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, "readyz"));
        api.Readiness.NetworkFailed("EBUSY");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(api, "readyz"));
        api.Readiness.NetworkApplied();
        api.Store.Refuses = _ => true;
        var response = await api.Client.GetAsync("readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains(
            "refused by the test",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    private static async Task<HttpStatusCode> StatusAsync(ApiUnderTest api, string path) =>
        (await api.Client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode;
}
