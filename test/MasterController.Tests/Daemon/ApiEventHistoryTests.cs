using System.Text.Json;
using MasterController.Contracts;
using MasterController.Daemon.Endpoints;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class ApiEventHistoryTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_has_happened_comes_newest_first_in_pages()
    {
        await using var api = await ApiUnderTest.StartAsync();
        for (var i = 1; i <= 5; i++)
            api.Events.Publish(i == 3 ? "pool.created" : "vm.running", "vm-1", $"{i}");

        var first = await ListAsync(api, "type=vm&limit=3");
        Assert.Equal(["5", "4", "2"], first.Items.Select(e => e.Message));
        var second = await ListAsync(api, $"type=vm&limit=3&cursor={first.Next}");
        Assert.Equal(["1"], second.Items.Select(e => e.Message));
        Assert.Null(second.Next);
        Assert.Empty((await ListAsync(api, "subject=vm")).Items);
        Assert.Empty((await ListAsync(api, "from=2999-01-01")).Items);
        Assert.Empty((await ListAsync(api, "to=2001-01-01T00:00Z")).Items);
    }

    [Fact]
    public async Task As_CSV_it_is_a_file_of_all_that_match()
    {
        await using var api = await ApiUnderTest.StartAsync();
        for (var i = 1; i <= 1_500; i++)
            api.Events.Publish("vm.running", "vm-1", "m");
        api.Events.Publish(
            "vm.failed",
            "=cmd()",
            "say \"no\",\nplease",
            new Dictionary<string, string> { ["a"] = "1" }
        );

        using var response = await api.Client.GetAsync("api/v1/events/history?format=csv", Cancelled);
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        var lines = (await response.Content.ReadAsStringAsync(Cancelled)).Split("\r\n");
        Assert.Equal(1 + 1_501 + 1, lines.Length);
        Assert.Equal("id,time,type,subject,message,data", lines[0]);
        Assert.EndsWith(",vm.failed,'=cmd(),\"say \"\"no\"\",\nplease\",\"{\"\"a\"\":\"\"1\"\"}\"", lines[1]);

        var some = await api.Client.GetStringAsync("api/v1/events/history?format=csv&limit=2", Cancelled);
        Assert.Equal(1 + 2 + 1, some.Split("\r\n").Length);
    }

    [Theory]
    [InlineData("cursor=x", "cursor")]
    [InlineData("from=2026-02-01&to=2026-01-01", "from")]
    [InlineData("to=yesterday", "to")]
    [InlineData("format=xml", "format")]
    [InlineData("limit=1001", "limit")]
    [InlineData("types=vm", "types")]
    public async Task A_query_that_cannot_be_is_refused_by_name(string query, string field)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync("GET", $"api/v1/events/history?{query}");
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal([field], problem.Errors!.Keys);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@x", "'@x")]
    [InlineData("\tx", "'\tx")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("=\"\"", "\"'=\"\"\"\"\"")]
    public void Cells_are_quoted_where_they_have_to_be_and_are_no_formulas(string cell, string written) =>
        Assert.Equal($"{written},x\r\n", CsvText.Row(cell, "x"));

    private static async Task<EventList> ListAsync(ApiUnderTest api, string query)
    {
        var text = await api.Client.GetStringAsync($"api/v1/events/history?{query}", Cancelled);
        return JsonSerializer.Deserialize(text, ContractsJson.Default.EventList)!;
    }
}
