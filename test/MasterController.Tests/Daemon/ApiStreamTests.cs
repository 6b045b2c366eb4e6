using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Daemon;

public class ApiStreamTests
{
    [Fact]
    public async Task Events_have_id_type_and_body_and_begin_after_the_last_one_seen()
    {
        await using var api = await ApiUnderTest.StartAsync();
        api.Events.Publish("vm.created", "vm-1", "one");
        api.Events.Publish("vm.running", "vm-1", "two", new Dictionary<string, string> { ["pid"] = "7" });
        var items = await ReadAsync(api, "api/v1/events", lastEventId: "1", count: 1);
        var (id, type, happened) = items[0];
        Assert.Equal("2", id);
        Assert.Equal("vm.running", type);
        Assert.Equal(("vm-1", "two", "7"), (happened.Subject, happened.Message, happened.Data!["pid"]));
    }

    [Fact]
    public async Task The_filter_takes_a_type_and_what_is_below_it()
    {
        await using var api = await ApiUnderTest.StartAsync();
        foreach (var type in (string[])["vms.other", "pool.created", "vm.running", "vm", "vm.stopped"])
            api.Events.Publish(type, "s", "m");
        var items = await ReadAsync(api, "api/v1/events?type=vm", lastEventId: "0", count: 3);
        Assert.Equal(["vm.running", "vm", "vm.stopped"], items.Select(i => i.Type));
    }

    [Fact]
    public async Task What_happens_after_the_headers_came_is_not_missed()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var response = await api.Client.GetAsync(
            "api/v1/events",
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        api.Events.Publish("vm.created", "vm-1", "m");
        await foreach (var item in ItemsAsync(response))
        {
            Assert.Equal("vm.created", item.EventType);
            break;
        }
    }

    [Fact]
    public async Task A_last_event_id_that_is_no_number_is_refused()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (_, problem) = await api.RefusedAsync("GET", "api/v1/events", header: ("Last-Event-ID", "x"));
        Assert.Equal(["Last-Event-ID"], problem.Errors!.Keys);
    }

    [Fact]
    public async Task Waiting_for_an_operation_answers_when_it_ends()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var run = api.Journal.Begin("image.build", "golden", "fetch", "unpack");
        var request = new HttpRequestMessage(HttpMethod.Get, $"api/v1/operations/{run.Id}");
        request.Headers.Add("Prefer", "wait=600");
        var answer = api.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await run.FailAsync("no network");
        var response = await answer;
        Assert.Equal("wait=600", response.Headers.GetValues("Preference-Applied").Single());
        var operation = await OperationAsync(response);
        Assert.Equal(("failed", "no network"), (operation.Status, operation.Error));
        Assert.Equal(["fetch", "unpack"], operation.Steps.Select(s => s.Name));
    }

    [Fact]
    public async Task Waiting_ends_with_the_time_that_was_asked_for()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var run = api.Journal.Begin("image.build", "golden", "fetch");
        var request = new HttpRequestMessage(HttpMethod.Get, $"api/v1/operations/{run.Id}");
        request.Headers.Add("Prefer", "wait=0");
        var operation = await OperationAsync(
            await api.Client.SendAsync(request, TestContext.Current.CancellationToken)
        );
        Assert.Equal("running", operation.Status);
    }

    [Fact]
    public async Task Operations_are_filtered()
    {
        await using var api = await ApiUnderTest.StartAsync();
        api.Journal.Begin("image.build", "golden", "fetch");
        await api.Journal.Begin("vm.create", "vm-1", "lease").SucceedAsync();
        var text = await api.Client.GetStringAsync(
            "api/v1/operations?status=succeeded&kind=vm.create",
            TestContext.Current.CancellationToken
        );
        var list = JsonSerializer.Deserialize(text, ContractsJson.Default.OperationList)!;
        Assert.Equal("vm-1", Assert.Single(list.Items).Subject);
    }

    private static async Task<Operation> OperationAsync(HttpResponseMessage response) =>
        JsonSerializer.Deserialize(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            ContractsJson.Default.Operation
        )!;

    private static async Task<List<(string? Id, string Type, Event Event)>> ReadAsync(
        ApiUnderTest api,
        string path,
        string lastEventId,
        int count
    )
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Last-Event-ID", lastEventId);
        using var response = await api.Client.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(new MediaTypeHeaderValue("text/event-stream"), response.Content.Headers.ContentType);
        List<(string?, string, Event)> read = [];
        await foreach (var item in ItemsAsync(response))
        {
            var happened = JsonSerializer.Deserialize(item.Data, ContractsJson.Default.Event)!;
            read.Add((happened.Id.ToString(), item.EventType, happened));
            Assert.Equal(item.EventId, happened.Id.ToString());
            if (read.Count == count)
                break;
        }
        return read;
    }

    private static async IAsyncEnumerable<SseItem<string>> ItemsAsync(HttpResponseMessage response)
    {
        var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken))
            yield return item;
    }
}
