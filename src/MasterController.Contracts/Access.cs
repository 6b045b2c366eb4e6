using System.Text.Json;

namespace MasterController.Contracts;

/// <summary><c>GET /api/v1/whoami</c>: as whom the caller is known.</summary>
/// <param name="Actor">As it is in the audit log: "uid:0 (root)", "key:ci (k-0123456789ab)".</param>
/// <param name="Role">"viewer", "operator" or "admin".</param>
/// <param name="Owner">Sees and changes VMs of this owner alone; null without such a scope.</param>
/// <param name="Pool">Likewise of this pool.</param>
public sealed record WhoAmI(string Actor, string Role, string? Owner, string? Pool, DateTimeOffset? ExpiresAt);

/// <summary>Body of <c>POST /api/v1/keys</c>.</summary>
/// <param name="Name">A DNS label, unique.</param>
/// <param name="Role">"viewer", "operator" or "admin".</param>
/// <param name="Owner">Restricts it to VMs of this owner. Not for "admin".</param>
/// <param name="Pool">Restricts it to this pool. Not for "admin".</param>
/// <param name="ExpiresInSeconds">60 to 315360000; never when left out.</param>
public sealed record CreateApiKeyRequest(
    string? Name = null,
    string? Role = null,
    string? Owner = null,
    string? Pool = null,
    long? ExpiresInSeconds = null
);

/// <param name="Id">Not secret: "k-0123456789ab".</param>
/// <param name="Expired">Whether it is past <paramref name="ExpiresAt"/>; it is refused then.</param>
/// <param name="LastUsedAt">To the minute; null where it was not used since the controller started.</param>
public sealed record ApiKey(
    string Id,
    string Name,
    string Role,
    string? Owner,
    string? Pool,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? ExpiresAt,
    bool Expired,
    DateTimeOffset? LastUsedAt
);

/// <summary>The one time that a key is shown.</summary>
/// <param name="Secret">"mc_" and 43 characters of base64url (256 random bits), for <c>Authorization: Bearer</c>.</param>
public sealed record CreatedApiKey(ApiKey Key, string Secret);

public sealed record ApiKeyList(IReadOnlyList<ApiKey> Items);

/// <summary>A page of <c>GET /api/v1/audit</c>, newest first.</summary>
public sealed record AuditList(IReadOnlyList<AuditEntry> Items, string? Next);

/// <summary>A change that was asked for, done or refused.</summary>
/// <param name="Actor">As in <see cref="WhoAmI"/>; "controller" for what it did by itself.</param>
/// <param name="Action">The operation id of the endpoint: "createVm", "applyPoolPlan".</param>
/// <param name="Subject">What it is about: a VM's id, a pool, a key; null where a refusal left it open.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Status">HTTP status of the answer; null where the controller ended before there was one.</param>
/// <param name="Error">For a refusal: the problem's type and detail.</param>
/// <param name="OperationId">The operation that goes on with it.</param>
/// <param name="Request">The body, without secrets; null where there was none.</param>
/// <param name="Before">The subject before; null where there was none, or it is not kept for this action.</param>
/// <param name="After">The subject when the answer was given.</param>
public sealed record AuditEntry(
    long Id,
    DateTimeOffset Time,
    string Actor,
    string Role,
    string Action,
    string? Subject,
    string Method,
    string Path,
    int? Status,
    string? Error,
    string? OperationId,
    JsonElement? Request,
    JsonElement? Before,
    JsonElement? After
);
