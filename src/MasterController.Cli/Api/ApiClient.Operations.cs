using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using MasterController.Cli.Api.Http;
using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    public Task<ImageList> ListImagesAsync(CancellationToken cancel) =>
        GetAsync("/api/v1/images", CliJson.Wire.ImageList, cancel);

    public Task<Operation> BuildImageAsync(string? name, CancellationToken cancel) =>
        SendAsync(
            Call("POST", "/api/v1/images", [], Json(new BuildImageRequest(name), CliJson.Line.BuildImageRequest)),
            CliJson.Wire.Operation,
            cancel
        );

    public Task<OperationList> ListOperationsAsync(CancellationToken cancel) =>
        GetAsync("/api/v1/operations", CliJson.Wire.OperationList, cancel);

    /// <param name="wait">How long the daemon may hold the answer until the operation ends.</param>
    public Task<Operation> GetOperationAsync(string id, TimeSpan wait, CancellationToken cancel) =>
        SendAsync(Call("GET", $"/api/v1/operations/{Escape(id)}", [], wait: wait), CliJson.Wire.Operation, cancel);

    public Task<DoctorReport> GetDoctorReportAsync(CancellationToken cancel) =>
        // The KVM check boots a guest under a time limit of its own.
        SendAsync(
            Call("GET", "/api/v1/doctor", []) with
            {
                Timeout = TimeSpan.FromMinutes(3),
            },
            CliJson.Wire.DoctorReport,
            cancel
        );

    /// <param name="after">The last event that was seen; from now on when null.</param>
    /// <param name="opened">Told when the daemon has taken the request.</param>
    public async IAsyncEnumerable<Event> ReadEventsAsync(
        string? type,
        long? after,
        Action opened,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        (string, string)[] resume = after is { } id
            ? [("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture))]
            : [];
        var target = new QueryString("/api/v1/events").Add("type", type).ToString();
        var call = Call("GET", target, [("Accept", "text/event-stream"), .. resume]) with
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        using var reply = await SendAsync(call, cancel);
        opened();
        await foreach (var item in ServerSentEvents.ReadAsync(reply.Body, cancel))
        {
            yield return Parse(Encoding.UTF8.GetBytes(item.Data), CliJson.Line.Event);
        }
    }
}
