using System.Text;
using System.Text.Json;
using MasterController.Contracts;
using MasterController.Core.WebHooks;
using MasterController.Tests.WebHooks;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class ApiWebHookTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hook_is_made_tested_shown_and_deleted_and_its_secret_is_told_once()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var api = await ApiUnderTest.StartAsync();
        var created = await PostAsync(
            api,
            "api/v1/webhooks",
            $$"""{"name":"ci","url":"{{receiver.Url}}","events":["vm"]}"""
        );
        Assert.Equal(201, (int)created.StatusCode);
        Assert.Equal("/api/v1/webhooks/ci", created.Headers.Location!.ToString());
        var made = JsonSerializer.Deserialize(await TextAsync(created), ContractsJson.Default.CreatedWebHook)!;
        Assert.StartsWith("whsec_", made.Secret);

        var tested = await PostAsync(api, "api/v1/webhooks/ci/test", null);
        var test = JsonSerializer.Deserialize(await TextAsync(tested), ContractsJson.Default.WebHookTest)!;
        Assert.Equal((true, 204, null), (test.Delivered, test.Status, test.Error));
        var sent = Assert.Single(receiver.All);
        Assert.StartsWith("test-", sent.Id);
        var happened = JsonSerializer.Deserialize(sent.Body, ContractsJson.Default.Event)!;
        Assert.Equal(("webhook.test", "ci"), (happened.Type, happened.Subject));
        Assert.Equal(
            WebHookSecret.Sign(
                made.Secret,
                sent.Id,
                sent.Headers["Webhook-Timestamp"],
                Encoding.UTF8.GetBytes(sent.Body)
            ),
            sent.Headers["Webhook-Signature"]
        );

        api.Events.Publish("vm.running", "vm-1", "m");
        while (receiver.All.Count < 2)
            await Task.Delay(10, Cancelled);
        Assert.Equal("vm.running", JsonSerializer.Deserialize(receiver.All[1].Body, ContractsJson.Default.Event)!.Type);

        var list = await api.Client.GetStringAsync("api/v1/webhooks", Cancelled);
        var shown = await api.Client.GetStringAsync("api/v1/webhooks/ci", Cancelled);
        Assert.DoesNotContain(made.Secret, list + shown);
        Assert.Equal("ok", JsonSerializer.Deserialize(shown, ContractsJson.Default.WebHook)!.State);

        Assert.Equal(204, (int)(await api.Client.DeleteAsync("api/v1/webhooks/ci", Cancelled)).StatusCode);
        Assert.Equal(404, (int)(await api.RefusedAsync("GET", "api/v1/webhooks/ci")).Response.StatusCode);
    }

    [Theory]
    [InlineData("{}", "name", "url")]
    [InlineData("""{"name":"A_","url":"http://169.254.169.254/"}""", "name", "url")]
    [InlineData("""{"name":"a","url":"http://h","events":["Vm","a..b"]}""", "events[0]", "events[1]")]
    [InlineData("""{"name":"a","url":"http://h","secret":"short"}""", "secret")]
    [InlineData("""{"name":"a","url":"http://h","event":[]}""", "event")]
    public async Task What_cannot_be_is_refused_by_name_and_secrets_are_not_repeated(
        string body,
        params string[] fields
    )
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/webhooks", body);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(fields, problem.Errors!.Keys);
        Assert.DoesNotContain("short", problem.Detail);
    }

    [Fact]
    public async Task A_name_is_given_once_and_what_is_not_there_is_not_found()
    {
        await using var api = await ApiUnderTest.StartAsync();
        const string body = """{"name":"ci","url":"http://127.0.0.1:1/","secret":"0123456789abcdef"}""";
        Assert.Equal(201, (int)(await PostAsync(api, "api/v1/webhooks", body)).StatusCode);
        var (response, problem) = await api.RefusedAsync("POST", "api/v1/webhooks", body);
        Assert.Equal((409, "/problems/name-taken"), ((int)response.StatusCode, problem.Type));
        Assert.Equal(404, (int)(await api.RefusedAsync("DELETE", "api/v1/webhooks/x")).Response.StatusCode);
        Assert.Equal(404, (int)(await api.RefusedAsync("POST", "api/v1/webhooks/x/test")).Response.StatusCode);
        var test = await TextAsync(await PostAsync(api, "api/v1/webhooks/ci/test", null));
        Assert.False(JsonSerializer.Deserialize(test, ContractsJson.Default.WebHookTest)!.Delivered);
    }

    private static Task<HttpResponseMessage> PostAsync(ApiUnderTest api, string path, string? json) =>
        api.Client.PostAsync(
            path,
            json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"),
            Cancelled
        );

    private static Task<string> TextAsync(HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(Cancelled);
}
