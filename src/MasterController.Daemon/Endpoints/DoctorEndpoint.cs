using MasterController.Contracts;
using MasterController.Core.Diagnostics;
using MasterController.Daemon.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>GET /api/v1/doctor</c>; answers during recovery as well, because then it is needed most.</summary>
internal static class DoctorEndpoint
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/doctor", RunAsync)
            .WithTags("Health")
            .Needs(Role.Viewer)
            .Describe("runDoctor", "Examine the host", "Changes nothing. Codes are stable.");

    private static async Task<Ok<DoctorReport>> RunAsync(Doctor doctor, CancellationToken cancellationToken) =>
        TypedResults.Ok(Report(await doctor.ExamineAsync(cancellationToken)));

    internal static DoctorReport Report(IReadOnlyList<Finding> findings) =>
        new(
            [.. findings.Select(f => new DoctorCheck(f.Code, Name(f.Verdict), f.Message, f.Fix))],
            findings.Count(f => f.Verdict == Verdict.Pass),
            findings.Count(f => f.Verdict == Verdict.Warn),
            findings.Count(f => f.Verdict == Verdict.Fail),
            findings.Count(f => f.Verdict == Verdict.Skip)
        );

    internal static string Name(Verdict verdict) =>
        verdict switch
        {
            Verdict.Pass => "pass",
            Verdict.Warn => "warn",
            Verdict.Fail => "fail",
            _ => "skip",
        };
}
