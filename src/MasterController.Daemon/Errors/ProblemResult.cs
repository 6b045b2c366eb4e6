using System.Globalization;
using MasterController.Contracts;
using MasterController.Daemon.Telemetry;

namespace MasterController.Daemon.Errors;

/// <summary>Answers with a problem (RFC 9457), written through the contract's own JSON.</summary>
public sealed class ProblemResult(Problem problem, TimeSpan? retryAfter = null) : IResult, IStatusCodeHttpResult
{
    public const string ContentType = "application/problem+json";

    public Problem Problem => problem;

    public int? StatusCode => problem.Status;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        ApiMetrics.Refused(problem.Type);
        // For the audit log.
        httpContext.Features.Set(problem);
        var response = httpContext.Response;
        response.StatusCode = problem.Status;
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return response.WriteAsJsonAsync(problem, ApiJson.Default.Problem, ContentType, httpContext.RequestAborted);
    }
}
