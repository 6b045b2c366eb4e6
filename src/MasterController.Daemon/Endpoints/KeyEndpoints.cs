using MasterController.Contracts;
using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Daemon.Access;
using MasterController.Daemon.Configuration;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using ApiKey = MasterController.Contracts.ApiKey;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/keys</c> and <c>/api/v1/whoami</c>.</summary>
internal static class KeyEndpoints
{
    private const int MostOwnerCharacters = 255;
    private const long LeastSeconds = 60;
    private const long MostSeconds = 315_360_000;

    public static void Map(RouteGroupBuilder api)
    {
        var access = api.MapGroup("").WithTags("Access").WithMetadata(AuditSubject.Key);
        access
            .MapGet("/whoami", Show)
            .Needs(Role.Viewer)
            .Scoped(ScopePart.Handler)
            .Describe("whoAmI", "Say as whom the caller is known", "Its role, and what it is restricted to.")
            .Refuses(503);
        access
            .MapGet("/keys", List)
            .Needs(Role.Admin)
            .Describe("listKeys", "List API keys", "By name, without their secrets, which are stored nowhere.")
            .Refuses(503);
        access
            .MapPost("/keys", CreateAsync)
            .Needs(Role.Admin)
            .Describe(
                "createKey",
                "Create an API key",
                "The answer has the secret, this one time. It is sent as `Authorization: Bearer mc_…`."
            )
            .Body<CreateApiKeyRequest>()
            .Refuses(400, 409, 413, 415, 503);
        access
            .MapDelete("/keys/{key}", DeleteAsync)
            .Needs(Role.Admin)
            .Describe("revokeKey", "Revoke an API key", "By id or name. What goes on in its name ends within seconds.")
            .Refuses(404, 503);
    }

    private static Ok<WhoAmI> Show(HttpContext context)
    {
        var caller = context.Caller()!;
        return TypedResults.Ok(
            new WhoAmI(caller.Actor, RoleName.Of(caller.Role), caller.Scope.Owner, caller.Scope.Pool, caller.ExpiresAt)
        );
    }

    private static Ok<ApiKeyList> List(ApiKeyDirectory keys, TimeProvider clock) =>
        TypedResults.Ok(new ApiKeyList([.. keys.All.Select(k => Shown(k, clock))]));

    private static async Task<Results<Created<CreatedApiKey>, ProblemResult>> CreateAsync(
        HttpRequest request,
        ApiKeyDirectory keys,
        PoolDirectory pools,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.CreateApiKeyRequest, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        var wish = body.Value!;
        if (Check(wish, pools) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        var validFor = wish.ExpiresInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        if (await keys.CreateAsync(wish.Name!, wish.Role!, wish.Owner, wish.Pool, validFor) is not { } made)
            return Problems.KeyNameTaken(wish.Name!);
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            $"/api/v1/keys/{made.Key.Key.Id}",
            new CreatedApiKey(Shown(made.Key, clock), made.Secret)
        );
    }

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(string key, ApiKeyDirectory keys) =>
        await keys.RevokeAsync(key) ? TypedResults.NoContent() : Problems.NotFound("key", key);

    internal static ApiKey Shown(KnownKey known, TimeProvider clock) =>
        new(
            known.Key.Id,
            known.Key.Name,
            known.Key.Role,
            known.Key.Owner,
            known.Key.Pool,
            known.Key.CreatedAt,
            known.Key.CreatedBy,
            known.Key.ExpiresAt,
            known.Key.IsExpiredAt(clock.GetUtcNow()),
            known.LastUsedAt
        );

    private static Dictionary<string, string[]> Check(CreateApiKeyRequest wish, PoolDirectory pools)
    {
        Dictionary<string, string[]> errors = [];
        if (string.IsNullOrEmpty(wish.Name))
            errors["name"] = ["is required"];
        else if (!ConfigReaders.IsLabel(wish.Name))
            errors["name"] = [$"\"{wish.Name}\" is not a name: a-z, 0-9 and -, 63 characters at most"];
        if (string.IsNullOrEmpty(wish.Role))
            errors["role"] = [$"is required: {string.Join(", ", RoleName.All)}"];
        else if (!RoleName.TryParse(wish.Role, out var role))
            errors["role"] =
            [
                $"\"{wish.Role}\" is not one of {string.Join(", ", RoleName.All)}{Suggestion.For(wish.Role, [.. RoleName.All])}",
            ];
        else if (role == Role.Admin)
        {
            foreach (
                var (field, value) in (ReadOnlySpan<(string, string?)>)[("owner", wish.Owner), ("pool", wish.Pool)]
            )
                if (value is not null)
                    errors[field] =
                    [
                        $"\"{value}\" does not go with the role \"admin\", which is restricted to nothing",
                    ];
        }
        if (wish.Owner is { } owner && !errors.ContainsKey("owner") && !IsOwner(owner))
            errors["owner"] = [$"has to be 1 to {MostOwnerCharacters} characters, none of them a control character"];
        if (wish.Pool is { } pool && !errors.ContainsKey("pool") && pools.Find(pool) is null)
            errors["pool"] = [$"there is no pool \"{pool}\""];
        if (wish.ExpiresInSeconds is { } seconds and (< LeastSeconds or > MostSeconds))
            errors["expiresInSeconds"] = [$"{seconds} is not from {LeastSeconds} to {MostSeconds}"];
        return errors;
    }

    private static bool IsOwner(string owner) =>
        owner.Length is > 0 and <= MostOwnerCharacters && !owner.AsSpan().ContainsAnyInRange('\0', '\x1f');
}
