using System.Globalization;
using MasterController.Cli.Api.Http;
using MasterController.Contracts;

namespace MasterController.Cli.Api;

/// <summary>What <c>vm list</c> asks for; null is no filter.</summary>
internal sealed record VmFilter(
    string? Status = null,
    string? Type = null,
    string? Owner = null,
    string? Pool = null,
    string? Name = null,
    IReadOnlyList<string>? Labels = null
);

internal sealed partial class ApiClient
{
    /// <summary>How long a create goes on trying to reach a daemon that went away under it.</summary>
    private static readonly TimeSpan RetryLimit = TimeSpan.FromSeconds(30);

    /// <param name="limit">At most that many, over as many pages as it takes; all when null.</param>
    public Task<VmList> ListVmsAsync(VmFilter filter, int? limit, CancellationToken cancel) =>
        AllPagesAsync(
            async (size, cursor) =>
            {
                var query = new QueryString("/api/v1/vms")
                    .Add("status", filter.Status)
                    .Add("type", filter.Type)
                    .Add("owner", filter.Owner)
                    .Add("pool", filter.Pool)
                    .Add("name", filter.Name);
                foreach (var label in filter.Labels ?? [])
                {
                    query.Add("label", label);
                }

                var target = query.Add("limit", size).Add("cursor", cursor).ToString();
                var page = await GetAsync(target, CliJson.Wire.VmList, cancel);
                return (page.Items, page.Total, page.Next);
            },
            (items, total, next) => new VmList(items, total, next),
            limit
        );

    public Task<Vm> GetVmAsync(string name, CancellationToken cancel) =>
        GetAsync(VmPath(name), CliJson.Wire.Vm, cancel);

    /// <summary>
    /// Sent again when the connection is lost: the key makes the daemon answer with the VM that the first attempt made.
    /// </summary>
    /// <param name="wait">How long the daemon may hold the answer until the VM runs.</param>
    public async Task<Vm> CreateVmAsync(
        CreateVmRequest request,
        string idempotencyKey,
        TimeSpan wait,
        CancellationToken cancel
    )
    {
        (string, string)[] headers = [("Idempotency-Key", idempotencyKey)];
        var call = Call("POST", "/api/v1/vms", headers, Json(request, CliJson.Line.CreateVmRequest), wait);
        long? lostAt = null;
        for (var pause = TimeSpan.FromMilliseconds(100); ; pause *= 2)
        {
            try
            {
                return await SendAsync(call, CliJson.Wire.Vm, cancel);
            }
            catch (IOException e) when (MayTryAgain(e, lostAt))
            {
                lostAt ??= time.GetTimestamp();
                await Task.Delay(pause < LongestPause ? pause : LongestPause, time, cancel);
            }
        }
    }

    /// <param name="action">start, stop or restart.</param>
    /// <param name="guestTimeout">How long the guest may take to end before it is forced; the daemon's default when null.</param>
    public Task<Vm> ActOnVmAsync(string name, string action, int? guestTimeout, TimeSpan wait, CancellationToken cancel)
    {
        var body =
            guestTimeout is null || action == "start"
                ? (ReadOnlyMemory<byte>?)null
                : Json(new StopVmRequest(guestTimeout), CliJson.Line.StopVmRequest);
        return SendAsync(Call("POST", $"{VmPath(name)}/{action}", [], body, wait), CliJson.Wire.Vm, cancel);
    }

    public Task<Vm> SetEgressAsync(string name, EgressPolicy policy, CancellationToken cancel) =>
        SendAsync(
            Call("PUT", $"{VmPath(name)}/egress", [], Json(policy, CliJson.Line.EgressPolicy)),
            CliJson.Wire.Vm,
            cancel
        );

    public Task<Vm> SetRateLimitAsync(string name, RateLimit limit, CancellationToken cancel) =>
        SendAsync(
            Call("PUT", $"{VmPath(name)}/rate-limit", [], Json(limit, CliJson.Line.RateLimit)),
            CliJson.Wire.Vm,
            cancel
        );

    public Task<Vm> ResetRateLimitAsync(string name, CancellationToken cancel) =>
        SendAsync(Call("DELETE", $"{VmPath(name)}/rate-limit", []), CliJson.Wire.Vm, cancel);

    public Task<Vm> ResetEgressAsync(string name, CancellationToken cancel) =>
        SendAsync(Call("DELETE", $"{VmPath(name)}/egress", []), CliJson.Wire.Vm, cancel);

    /// <returns>The VM as it is being deleted; null when it has gone already.</returns>
    public async Task<Vm?> DeleteVmAsync(string name, TimeSpan wait, CancellationToken cancel)
    {
        using var reply = await SendAsync(Call("DELETE", VmPath(name), [], wait: wait), cancel);
        return reply.Status == 204 ? null : Parse(await reply.Body.ReadAllAsync(cancel), CliJson.Wire.Vm);
    }

    /// <param name="tail">How many of the last lines to begin with; the daemon's default when null.</param>
    public Task<HttpReply> OpenConsoleAsync(string name, int? tail, bool follow, CancellationToken cancel)
    {
        var target = new QueryString($"{VmPath(name)}/console")
            .Add("tail", Number(tail))
            .Add("follow", follow ? "true" : null);
        var call = Call("GET", target.ToString(), []);
        // A silent guest sends nothing, and the head of the answer comes with its first byte.
        return SendAsync(follow ? call with { Timeout = Timeout.InfiniteTimeSpan } : call, cancel);
    }

    private static TimeSpan LongestPause => TimeSpan.FromSeconds(2);

    private bool MayTryAgain(IOException e, long? lostAt) =>
        lostAt is { } since
            ? e is ConnectionLostException or DaemonUnreachableException && time.GetElapsedTime(since) < RetryLimit
            : e is ConnectionLostException;

    private static string VmPath(string name) => $"/api/v1/vms/{Escape(name)}";

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);
}
