using MasterController.Contracts;
using MasterController.Core.WebHooks;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/webhooks</c>.</summary>
internal static class WebHookEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var hooks = api.MapGroup("/webhooks").WithTags("Web hooks");
        hooks
            .MapGet("", List)
            .Needs(Role.Admin)
            .Describe("listWebHooks", "List web hooks", "In the order of their names; secrets are not shown.")
            .Refuses(503);
        hooks
            .MapPost("", CreateAsync)
            .Needs(Role.Admin)
            .Describe(
                "createWebHook",
                "Have events posted to a receiver",
                "Those that happen from now on, in order, each at least once. The secret is shown by this answer alone."
            )
            .Body<CreateWebHookRequest>()
            .Refuses(400, 409, 413, 415, 503);
        hooks
            .MapGet("/{name}", Show)
            .Needs(Role.Admin)
            .Describe("showWebHook", "Show a web hook and how far it has come")
            .Refuses(404, 503);
        hooks
            .MapDelete("/{name}", DeleteAsync)
            .Needs(Role.Admin)
            .Describe("deleteWebHook", "Delete a web hook", "What was not delivered until now never will be.")
            .Refuses(404, 503);
        hooks
            .MapPost("/{name}/test", TestAsync)
            .Needs(Role.Admin)
            .Describe(
                "testWebHook",
                "Send a web hook an event of the type `webhook.test`",
                "At once and once; its `Webhook-Id` begins with `test-`, and its id is 0."
            )
            .Refuses(404, 503);
    }

    private static Ok<WebHookList> List(WebHookDirectory hooks) =>
        TypedResults.Ok(new WebHookList([.. hooks.List().Select(Shown)]));

    private static Results<Ok<WebHook>, ProblemResult> Show(string name, WebHookDirectory hooks) =>
        hooks.Find(name) is { } found ? TypedResults.Ok(Shown(found)) : NotFound(name);

    private static async Task<Results<Created<CreatedWebHook>, ProblemResult>> CreateAsync(
        HttpRequest request,
        WebHookDirectory hooks,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.CreateWebHookRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        var wish = body.Value!;
        var outcome = await hooks.CreateAsync(new WebHookRequest(wish.Name, wish.Url, wish.Events, wish.Secret));
        return outcome is WebHookOutcome.Done { Status: var made }
            ? TypedResults.Created(
                $"/api/v1/webhooks/{made.Hook.Name}",
                new CreatedWebHook(Shown(made), made.Hook.Secret)
            )
            : Problems.From(outcome);
    }

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(string name, WebHookDirectory hooks)
    {
        var outcome = await hooks.DeleteAsync(name);
        return outcome is WebHookOutcome.Done ? TypedResults.NoContent() : Problems.From(outcome);
    }

    private static async Task<Results<Ok<WebHookTest>, ProblemResult>> TestAsync(
        string name,
        WebHookDirectory hooks,
        CancellationToken cancellationToken
    ) =>
        await hooks.TestAsync(name, cancellationToken) is { Attempt: var attempt, Took: var took }
            ? TypedResults.Ok(
                new WebHookTest(attempt.IsDelivered, attempt.Status, attempt.Error, took.TotalMilliseconds)
            )
            : NotFound(name);

    private static ProblemResult NotFound(string name) => Problems.From(new WebHookOutcome.NotFound(name));

    private static WebHook Shown(WebHookStatus status) =>
        new(
            status.Hook.Name,
            status.Hook.Url,
            status.Hook.Events,
            status.Hook.CreatedAt,
            status.Hook.LastEventId,
            status.State switch
            {
                WebHookState.Ok => "ok",
                WebHookState.Retrying => "retrying",
                _ => "failing",
            },
            status.LastError,
            status.Hook.LastDeliveryAt,
            status.NextAttemptAt,
            status.Hook.Delivered,
            status.Hook.GivenUp
        );
}
