using System.Text.Json;
using MasterController.Contracts;
using MasterController.Dashboard.Api;
using MasterController.Dashboard.Export;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace MasterController.DashboardTests.Export;

public class ExportFileTests
{
    private static readonly AuditEntry _entry = new(
        7,
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        "key:ci (k-0123456789ab)",
        "admin",
        "createVm",
        "=cmd|' /C calc'!A0",
        "POST",
        "/api/v1/vms",
        202,
        null,
        "op-1",
        JsonDocument.Parse("""{"name":"a"}""").RootElement,
        null,
        null
    );

    [Fact]
    public async Task All_pages_are_one_csv_file()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Handle(
            "GET /api/v1/audit",
            context =>
            {
                var isFirst = !context.Request.Query.ContainsKey("cursor");
                var list = new AuditList([_entry with { Id = isFirst ? 7 : 6 }], isFirst ? "7" : null);
                return context.Response.WriteAsync(JsonSerializer.Serialize(list, ContractsJson.Default.AuditList));
            }
        );
        var (status, text, headers) = await GetAsync(
            controller,
            r => ExportEndpoints.Audit(r),
            isCsv: true,
            "?actor=key:ci&nonsense=1"
        );

        Assert.Equal(200, status);
        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Equal(
            "7,2026-01-02T03:04:05.0000000Z,key:ci (k-0123456789ab),admin,createVm,'=cmd|' /C calc'!A0,POST,/api/v1/vms,202,,op-1,\"{\"\"name\"\":\"\"a\"\"}\",,",
            lines[1]
        );
        Assert.StartsWith("6,", lines[2]);
        Assert.Contains("attachment; filename=audit.csv", headers.ContentDisposition.ToString());
        Assert.Contains("GET /api/v1/audit?actor=key%3Aci&limit=1000", controller.Asked);
    }

    [Fact]
    public async Task Json_is_an_array_of_what_the_api_has()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Reply(
            "GET /api/v1/events/history",
            new EventList(
                [
                    new Event(2, default, "vm.running", "vm-1", "a, \"b\"", null),
                    new Event(1, default, "vm.created", "vm-1", "", null),
                ],
                null
            ),
            ContractsJson.Default.EventList
        );
        var (_, text, _) = await GetAsync(controller, r => ExportEndpoints.Events(r), isCsv: false);
        using var json = JsonDocument.Parse(text);
        Assert.Equal([2, 1], json.RootElement.EnumerateArray().Select(e => e.GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task A_refusal_is_told_with_its_status()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Refuse(
            "GET /api/v1/audit",
            new Problem("/problems/forbidden", "No.", 403, "This needs the role admin.")
        );
        var (status, text, _) = await GetAsync(controller, r => ExportEndpoints.Audit(r), isCsv: true);
        Assert.Equal((403, "This needs the role admin."), (status, text));
    }

    [Fact]
    public async Task Samples_are_of_the_pool_that_was_asked_for()
    {
        await using var controller = await FakeController.StartAsync();
        controller.Reply(
            "GET /api/v1/pools/lab/utilisation",
            new UtilisationSeries("lab", "minute", default, default, [new UtilisationPoint(default, 10, 5, 1, 1, 3)]),
            ContractsJson.Default.UtilisationSeries
        );
        var (_, text, _) = await GetAsync(controller, r => ExportEndpoints.Utilisation(r), isCsv: true, "?pool=lab");
        Assert.Equal("time,total,used,cooling,reserved,free\r\n0001-01-01T00:00:00.0000000Z,10,5,1,1,3\r\n", text);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("-1+2", "'-1+2")]
    [InlineData("@sum", "'@sum")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData(null, "")]
    public void Cells_are_quoted_and_are_no_formulas(string? cell, string expected) =>
        Assert.Equal($"{expected}\r\n", CsvRow.Of(cell));

    private static async Task<(int Status, string Text, IHeaderDictionary Headers)> GetAsync<T>(
        FakeController controller,
        Func<HttpRequest, ExportFile<T>> file,
        bool isCsv,
        string query = ""
    )
    {
        var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.QueryString = new QueryString(query);
        using var body = new MemoryStream();
        context.Response.Body = body;
        using var socket = new ControllerSocket(controller.Socket);
        using var http = socket.Client(FakeController.Key);
        http.BaseAddress = new Uri(http.BaseAddress!, "api/v1/");
        var result = await file(context.Request)
            .AnswerAsync(new ControllerCalls(http), isCsv, TestContext.Current.CancellationToken);
        await result.ExecuteAsync(context);
        return (
            context.Response.StatusCode,
            System.Text.Encoding.UTF8.GetString(body.ToArray()),
            context.Response.Headers
        );
    }
}
