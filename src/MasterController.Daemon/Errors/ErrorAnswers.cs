using System.Diagnostics;
using MasterController.Core.Store;
using Microsoft.AspNetCore.Diagnostics;

namespace MasterController.Daemon.Errors;

/// <summary>Turns what no endpoint answered into problems: exceptions, and the framework's bare 404, 405 and 413.</summary>
internal static partial class ErrorAnswers
{
    public static void UseErrorAnswers(this WebApplication app)
    {
        var logger = app.Logger;
        app.UseExceptionHandler(handler => handler.Run(context => AnswerAsync(context, logger)));
        app.UseStatusCodePages(status => AnswerBareAsync(status.HttpContext));
    }

    private static Task AnswerAsync(HttpContext context, ILogger logger)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()!.Error;
        switch (failure)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Problems.TooLarge("A body has at most 1 MiB.").ExecuteAsync(context);
            case BadHttpRequestException bad:
                return Problems.Invalid("body", bad.Message).ExecuteAsync(context);
            case StoreException store:
                LogStore(logger, store, context.Request.Method, context.Request.Path);
                return Problems.StoreUnavailable(store.Message).ExecuteAsync(context);
            case StoreUnusableException unusable:
                LogStore(logger, unusable, context.Request.Method, context.Request.Path);
                return Problems.StoreUnreadable(unusable.Message).ExecuteAsync(context);
            default:
                var traceId = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
                LogFailure(logger, failure, context.Request.Method, context.Request.Path, traceId);
                return Problems.Internal(traceId).ExecuteAsync(context);
        }
    }

    private static Task AnswerBareAsync(HttpContext context)
    {
        var request = context.Request;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Problems.NoSuchPath(request.Path).ExecuteAsync(context),
            StatusCodes.Status405MethodNotAllowed => Problems
                .MethodNotAllowed(request.Method, request.Path)
                .ExecuteAsync(context),
            StatusCodes.Status413PayloadTooLarge => Problems
                .TooLarge("A body has at most 1 MiB.")
                .ExecuteAsync(context),
            StatusCodes.Status415UnsupportedMediaType => Problems
                .UnsupportedMediaType(request.ContentType)
                .ExecuteAsync(context),
            StatusCodes.Status400BadRequest => Problems
                .Invalid("request", "the server could not read it")
                .ExecuteAsync(context),
            _ => Task.CompletedTask,
        };
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path}: the store failed")]
    private static partial void LogStore(ILogger logger, Exception failure, string method, string path);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed ({TraceId})")]
    private static partial void LogFailure(
        ILogger logger,
        Exception failure,
        string method,
        string path,
        string traceId
    );
}
