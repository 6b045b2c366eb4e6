using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>GET /api/v1/vms/{id}/console</c>.</summary>
internal static class ConsoleEndpoint
{
    private const string ContentType = "text/plain; charset=utf-8";

    private static readonly QueryParameter Tail = QueryParameter.Integer(
        "tail",
        "How many of the last lines to begin with.",
        least: 0,
        most: 100_000,
        byDefault: 100
    );

    private static readonly QueryParameter Follow = QueryParameter.Boolean(
        "follow",
        "Go on with what the guest writes, until the caller hangs up or the VM is deleted."
    );

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/vms/{id}/console", Show)
            .WithTags("VMs")
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Vm)
            .Describe("showConsole", "Show a VM's serial console", "What the guest wrote, as plain text.")
            .Query(Tail, Follow)
            .Produces<string>(200, "text/plain")
            .Refuses(400, 404, 503);

    private static Results<ContentHttpResult, ConsoleStream, ProblemResult> Show(
        string id,
        HttpRequest request,
        VmLifecycle vms,
        VmConsole console,
        IHostApplicationLifetime lifetime
    )
    {
        var query = QueryValues.Read(request);
        if (query.Problem is { } problem)
            return problem;
        if (vms.Find(id) is not { } vm)
            return Problems.NotFound("VM", id);
        var lines = query.Integer(Tail);
        return query.Boolean(Follow)
            ? new ConsoleStream(console, vm, lines, lifetime.ApplicationStopping)
            : TypedResults.Text(console.Tail(vm.Id, lines), ContentType);
    }

    /// <summary>Sends each chunk as it comes, so that a person sees the guest write.</summary>
    internal sealed class ConsoleStream(VmConsole console, VmRecord vm, int lines, CancellationToken stopping) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
            var response = httpContext.Response;
            response.ContentType = ContentType;
            response.Headers.CacheControl = "no-cache";
            try
            {
                await response.Body.FlushAsync(ends.Token);
                await foreach (var chunk in console.FollowAsync(vm.Id, lines, ends.Token))
                {
                    await response.Body.WriteAsync(chunk, ends.Token);
                    await response.Body.FlushAsync(ends.Token);
                }
            }
            catch (OperationCanceledException) when (ends.IsCancellationRequested)
            {
                // The caller hung up, or the controller stops: the stream has no other end.
            }
        }
    }
}
