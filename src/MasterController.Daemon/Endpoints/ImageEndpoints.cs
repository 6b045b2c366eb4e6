using MasterController.Contracts;
using MasterController.Core.Images;
using MasterController.Core.Vms;
using MasterController.Daemon.Access;
using MasterController.Daemon.Configuration;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/images</c>.</summary>
internal static class ImageEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var images = api.MapGroup("/images").WithTags("Images");
        images
            .MapGet("", List)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe("listImages", "List images", "Complete and verified ones.")
            .Refuses(503);
        images
            .MapPost("", BuildAsync)
            .Needs(Role.Admin)
            .Describe(
                "buildImage",
                "Build the golden image",
                "Answers with the operation that does it; a build of that name that runs already is not started twice."
            )
            .Body<BuildImageRequest>(optional: true)
            .Refuses(400, 413, 415, 503);
    }

    private static Ok<ImageList> List(ImageCatalog images) =>
        TypedResults.Ok(
            new ImageList([
                .. images
                    .List()
                    .Select(i => new Image(i.Name, i.Kernel, i.SizeBytes, i.Sha256, i.CreatedAt, i.IsOutdated)),
            ])
        );

    private static async Task<Results<Accepted<Operation>, ProblemResult>> BuildAsync(
        HttpRequest request,
        GoldenImage golden,
        IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadOptionalAsync(
            request,
            ContractsJson.Default.BuildImageRequest,
            cancellationToken
        );
        if (body.Problem is { } problem)
            return problem;
        var name = body.Value?.Name ?? VmType.DefaultImage;
        if (!ConfigReaders.IsLabel(name))
            return Problems.Invalid("name", $"\"{name}\" is not a name: a-z, 0-9 and -, 63 characters at most");
        // The build outlives the request, not the controller.
        var operation = await golden.StartAsync(name, lifetime.ApplicationStopping);
        return TypedResults.Accepted($"/api/v1/operations/{operation.Id}", Mapping.Operation(operation));
    }
}
